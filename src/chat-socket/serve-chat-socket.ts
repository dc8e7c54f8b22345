import type { ChatContext } from "../chat/index.ts";
import { ChatSession } from "./chat-session.ts";
import { Connection } from "./connection.ts";
import type { ChatFrame } from "./frames.ts";
import { isUpgrade, notAnUpgrade } from "./is-upgrade.ts";
import { readWish } from "./read-wish.ts";
import { assertNotExpired, serveSocket } from "./serve-socket.ts";

/**
 * Serves `/chat/ws/…`: 101, or 426 for a request that is no upgrade. Throws `ChatError` when the token has ended or the
 * user's channel cannot be reached.
 */
export async function serveChatSocket(
  ctx: ChatContext,
  request: Request,
  execution: Pick<ExecutionContext, "waitUntil">,
): Promise<Response> {
  if (!isUpgrade(request)) return notAnUpgrade();
  assertNotExpired(ctx);
  const wish = readWish(new URL(request.url).searchParams);
  const connection = new Connection<ChatFrame>(ctx, execution);
  const session = new ChatSession(connection);
  return serveSocket({ request, execution }, connection, (socket) => session.begin(socket, wish));
}
