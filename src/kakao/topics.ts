import type { Channels } from "../channels/index.ts";
import { log } from "../log.ts";
import { MAX_HINT_MS } from "./constants.ts";

/**
 * What the streams of a session or an account are told: that they should look into the database, and why. Nothing
 * depends on a hint that arrives.
 *
 * - to a session: `paired` (its account is `accountId`), `code_expired`, `disconnected`
 * - to an account: `message`, `paired` (a further user), `unpaired`, `code_expired` (of a further code),
 *   `answered`, `disconnected` (one of its sessions), `token_changed`, `deleted`
 */
export type Hint =
  | { kind: "paired"; accountId: string; conversationKey: string; userId: string; pairedAt: number }
  | { kind: "message"; messageId: string }
  | { kind: "unpaired"; conversationKey: string; userId: string }
  | { kind: "code_expired"; sessionId: string; reason: string }
  | { kind: "answered"; messageId: string }
  | { kind: "disconnected"; sessionId: string }
  | { kind: "token_changed" }
  | { kind: "deleted" };

type Teller = { channels: Channels };

/** Name of the object through which a session's streams are told. */
export function sessionTopic(sessionId: string): string {
  return `kakao:session:${sessionId}`;
}

/** Name of the object through which an account's streams are told. */
export function accountTopic(accountId: string): string {
  return `kakao:account:${accountId}`;
}

/** Tells a session's streams. Never throws, and never takes long. */
export function tellSession(teller: Teller, sessionId: string, hint: Hint): Promise<void> {
  return tell(teller, sessionTopic(sessionId), hint);
}

/** Tells an account's streams. Never throws, and never takes long. */
export function tellAccount(teller: Teller, accountId: string, hint: Hint): Promise<void> {
  return tell(teller, accountTopic(accountId), hint);
}

async function tell({ channels }: Teller, topic: string, hint: Hint): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), MAX_HINT_MS);
  try {
    await Promise.race([channels.getByName(topic).broadcast([JSON.stringify(hint)]), late.promise]);
  } catch (error) {
    log.warn("kakao_streams_not_told", { topic, kind: hint.kind, error });
  } finally {
    clearTimeout(timer);
  }
}

/** A hint as it was sent. Only this file's functions send to these topics. */
export function readHint(text: string): Hint {
  return JSON.parse(text) as Hint;
}
