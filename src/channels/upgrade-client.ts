import { upgradeTo } from "./open-bridge.ts";
import type { Channels, SocketWish } from "./rpc.ts";

/**
 * Hands a client's own socket through to the channel. A client that goes away while it is opened would leave one that
 * nobody holds, which the channel cannot tell from a silent reader's: it is closed, also after the request is over.
 */
export function upgradeClient(
  { request, execution }: { request: Request; execution: Pick<ExecutionContext, "waitUntil"> },
  channels: Channels,
  name: string,
  wish: SocketWish,
): Promise<Response> {
  const opening = upgradeTo(channels, name, wish);
  execution.waitUntil(closeUnheld(request.signal, opening).catch(() => {}));
  return opening;
}

async function closeUnheld(signal: AbortSignal, opening: Promise<Response>): Promise<void> {
  const { webSocket } = await opening;
  if (!signal.aborted || !webSocket) return;
  webSocket.accept();
  webSocket.close(1000);
}
