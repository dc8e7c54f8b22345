import { type ChatContext, ChatError } from "../chat/index.ts";
import type { Connection } from "./connection.ts";

type Client = {
  request: Request;
  execution: Pick<ExecutionContext, "waitUntil">;
};

/**
 * A client's socket, talked with through `begin`. A client that goes while it is opened leaves nothing open: the request
 * is over then, and what was begun for it must all the same be ended.
 */
export async function serveSocket(
  { request, execution }: Client,
  connection: Pick<Connection<never>, "lose">,
  begin: (socket: WebSocket) => Promise<void>,
): Promise<Response> {
  const { 0: client, 1: server } = new WebSocketPair();
  const lose = () => connection.lose();
  request.signal.addEventListener("abort", lose);
  const beginning = begin(server);
  execution.waitUntil(beginning.then(() => request.signal.aborted && lose(), lose));
  await beginning;
  return new Response(null, { status: 101, webSocket: client });
}

export function assertNotExpired({ user }: ChatContext): void {
  if (user.expiresAt > Date.now()) return;
  throw new ChatError("token_expired", "The token has expired; connect with a new one.");
}
