import { ClientError } from "./client-error.ts";
import type { Timing } from "./constants.ts";
import type { Cut } from "./cut.ts";
import { request } from "./request.ts";

/**
 * A WebSocket that does not open does not say why. The same address without an upgrade does: a refusal is one; any other
 * answer means that the server is there, and that something between the two lets no WebSocket through.
 */
export async function explainSocket(
  url: URL,
  { signal, timing }: { signal: AbortSignal; timing: Timing },
): Promise<Cut> {
  const init = { signal, limitMs: timing.openMs, headers: {} };
  const cut = await request(url, init, async ({ status }): Promise<Cut> => blocked(status));
  // Both are how a server says that only the upgrade is missing.
  const isMissing = cut.error.status === 426 || cut.error.status === 400;
  return isMissing ? blocked(cut.error.status, cut.error.message) : cut;
}

function blocked(status: number, said = ""): Cut {
  const message = `The server is there, but no WebSocket comes through to it (${status} ${said}`;
  const error = new ClientError(`${message.trimEnd()}).`, status);
  return { kind: "lost", error, isBlocked: true };
}
