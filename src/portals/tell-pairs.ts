import type { Deps } from "../context.ts";
import { log } from "../log.ts";
import type { SessionPairRpc } from "../session-pairs/index.ts";
import { PAIRS_AT_ONCE } from "./constants.ts";

/** Tells pairs of a change. Never throws: the job `portals` tells a pair within a minute what it has missed. */
export async function tellPairs(
  { pairs }: Pick<Deps, "pairs">,
  portals: readonly { id: string }[],
  tell: (pair: SessionPairRpc) => Promise<unknown>,
): Promise<void> {
  for (let i = 0; i < portals.length; i += PAIRS_AT_ONCE) {
    await Promise.all(
      portals.slice(i, i + PAIRS_AT_ONCE).map(async ({ id }) => {
        try {
          await tell(pairs.getByName(id));
        } catch (error) {
          log.warn("pair_not_told", { portalId: id, error });
        }
      }),
    );
  }
}
