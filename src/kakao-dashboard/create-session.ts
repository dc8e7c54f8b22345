import type { Context } from "../context.ts";
import { createSession as createRelaySession } from "../kakao/index.ts";
import type { NewSession } from "../kakao/schemas.ts";
import { findChannel } from "./find-channel.ts";
import type { CreateSession } from "./schemas.ts";

/** Creates a session of one of the organization's channels. Its token is shown this once. */
export async function createSession(
  ctx: Context,
  { sourceId }: CreateSession,
  defaultSource: string,
): Promise<NewSession> {
  const source = await findChannel(ctx, sourceId, defaultSource);
  const { sessionId: _, ...session } = await createRelaySession(ctx, source);
  return session;
}
