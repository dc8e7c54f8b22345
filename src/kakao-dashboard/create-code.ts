import type { Context } from "../context.ts";
import { BatonError } from "../errors.ts";
import { createCode as createRelayCode } from "../kakao/index.ts";
import type { NewCode } from "../kakao/schemas.ts";
import { getSessionInOrganization } from "./load-session.ts";

/** Creates a further pairing code of a session. 409 when the session has ended, or has as many as it may have. */
export async function createCode(ctx: Context, sessionId: string): Promise<NewCode> {
  await getSessionInOrganization(ctx, sessionId);
  const created = await createRelayCode(ctx, sessionId);
  if (created.kind === "created") return created.code;
  throw new BatonError(
    "conflict",
    created.kind === "gone"
      ? "This session has ended; create another one."
      : "This session has as many open codes as it may have; use one, or wait until one expires.",
  );
}
