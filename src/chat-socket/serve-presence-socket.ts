import { type ChatContext, ChatError } from "../chat/index.ts";
import { Connection } from "./connection.ts";
import type { PresenceFrame } from "./frames.ts";
import { isUpgrade, notAnUpgrade } from "./is-upgrade.ts";
import { PresenceSession } from "./presence-session.ts";
import { assertNotExpired, serveSocket } from "./serve-socket.ts";

/**
 * Serves `/chat/presence-ws/…`: 101, or 426 for a request that is no upgrade. Throws `ChatError` when the token has ended,
 * for version 2, and when the user's channel cannot be reached.
 */
export async function servePresenceSocket(
  ctx: ChatContext,
  request: Request,
  execution: Pick<ExecutionContext, "waitUntil">,
): Promise<Response> {
  if (!isUpgrade(request)) return notAnUpgrade();
  if (ctx.version === 2) {
    throw new ChatError(
      "invalid_field",
      "'v': presence has no version 2; chat's own socket tells it.",
    );
  }
  assertNotExpired(ctx);
  const connection = new Connection<PresenceFrame>(ctx, execution);
  const session = new PresenceSession(connection);
  return serveSocket({ request, execution }, connection, (socket) => session.begin(socket));
}
