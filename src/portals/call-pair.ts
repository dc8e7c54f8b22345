import type { Deps } from "../context.ts";
import { BatonError } from "../errors.ts";
import { log } from "../log.ts";
import type { SessionPairRpc } from "../session-pairs/index.ts";
import { PAIR_RETRY_SECONDS } from "./constants.ts";

/** Asks a portal's pair. 503 when it cannot be reached, or fails. */
export async function callPair<T>(
  { pairs }: Pick<Deps, "pairs">,
  portalId: string,
  call: (pair: SessionPairRpc) => Promise<T>,
): Promise<T> {
  try {
    return await call(pairs.getByName(portalId));
  } catch (error) {
    log.error("pair_not_reached", { portalId, error });
    throw new BatonError("unavailable", "The portal's sessions cannot be reached now; try again.", {
      retryAfterSeconds: PAIR_RETRY_SECONDS,
    });
  }
}
