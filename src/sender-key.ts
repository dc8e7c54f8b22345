import { sha256Hex } from "./crypto.ts";

/** What a sender's key starts with: text of this form is never anybody else's. */
export const SENDER_KEY_PREFIX = "bts_";

/** What is kept of a key that Baton made: its SHA-256, lower-case hex. */
export function hashKey(key: string): Promise<string> {
  return sha256Hex(key);
}

/** What is kept of a key that its owner brought along: another source may have the same. */
export function hashOwnKey(sourceId: string, key: string): Promise<string> {
  return sha256Hex(`${sourceId}:${key}`);
}
