import { log } from "../log.ts";
import { closeOf } from "./close-codes.ts";
import { errorFrame } from "./error-frame.ts";
import { isUpgrade } from "./is-upgrade.ts";

/**
 * How an upgrade is refused. A browser cannot read the answer to a failed upgrade: with `v=2` its socket is accepted,
 * told an error and closed with 4000 + the status and a reason. Null: no upgrade, or no `v=2`; the caller answers over
 * HTTP.
 */
export function refuseSocket(request: Request, error: unknown): Response | null {
  if (!isUpgrade(request) || new URL(request.url).searchParams.get("v") !== "2") return null;
  const { code, reason } = closeOf(error);
  if (code === 4503) log.warn("chat_socket_refused", { error });
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.send(JSON.stringify(errorFrame(error)));
  server.close(code, reason);
  return new Response(null, { status: 101, webSocket: client });
}
