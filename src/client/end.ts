import { ClientError } from "./client-error.ts";
import type { Cut } from "./cut.ts";

/** The token that a stream was opened with has run out. */
export const TOKEN_EXPIRED = 4401;

/**
 * How a stream ended, by the code that a WebSocket closes with and an `end` frame carries. A stream that is renewed,
 * read too slowly, or whose channel is gone is opened again: if it may not be, the answer to that says why.
 */
export function cutOf(code: number, reason: string): Cut {
  const error = new ClientError(`The server ended the stream: ${code} ${reason}`.trimEnd());
  if (code === TOKEN_EXPIRED || reason === "token_expired") return { kind: "expired", error };
  return { kind: "lost", error };
}

/** Of an `end` frame's data. */
export function cutOfEnd(data: unknown): Cut {
  const { code, reason } = (data ?? {}) as Record<string, unknown>;
  return cutOf(typeof code === "number" ? code : 0, typeof reason === "string" ? reason : "");
}
