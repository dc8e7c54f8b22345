import { CHAT_ERRORS, ChatError } from "../chat/index.ts";
import { BatonError } from "../errors.ts";
import { statusOf } from "../http-error.ts";

/** Why a connection is closed by us: 4000 + the status that says the same over HTTP. A code may have other reasons too. */
export const CLOSES = {
  /** The token has ended: come back with a new one. */
  token_expired: 4401,
  /** Nothing was heard for too long. */
  idle: 4408,
  /** It has lived or asked as much as one connection may: come back at once. */
  renew: 4409,
  /** The user has opened more connections, and this was the oldest: do not come back by yourself. */
  too_many_connections: 4429,
  /** It went on sending frames although they were refused: come back later. */
  rate_limited: 4429,
} as const;
export type CloseReason = keyof typeof CLOSES;

/** How the refusal of an upgrade is said by a close frame. */
export function closeOf(error: unknown): { code: number; reason: string } {
  if (error instanceof ChatError) {
    return { code: 4000 + CHAT_ERRORS[error.code], reason: error.code };
  }
  if (error instanceof BatonError) return { code: 4000 + statusOf(error.code), reason: error.code };
  return { code: 4503, reason: "unavailable" };
}
