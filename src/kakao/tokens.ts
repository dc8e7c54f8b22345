import { sha256Hex, toHex } from "../crypto.ts";
import { deriveKey } from "../derive-key.ts";
import { keysOf } from "../sealing.ts";

const TOKEN_BYTES = 32;
/** Of the account whose relay token it is. */
type Account = { id: string; relayTokenVersion: number; relayTokenHash: string };

/** A session's secret: 64 lower-case hex digits. */
export function newSessionToken(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)));
}

/** How session and relay tokens are stored: SHA-256, lower-case hex. */
export function hashToken(token: string): Promise<string> {
  return sha256Hex(token);
}

/** 32 symbols: `A–Z` without I and O, and `2–9`; 256 is a multiple, so each byte gives one without a bias. */
const CODE_SYMBOLS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
export const CODE_PATTERN = /^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/;

/** A pairing code, `XXXX-XXXX`. */
export function newPairingCode(): string {
  const symbols = [...crypto.getRandomValues(new Uint8Array(8))].map(
    (byte) => CODE_SYMBOLS[byte % CODE_SYMBOLS.length],
  );
  return `${symbols.slice(0, 4).join("")}-${symbols.slice(4).join("")}`;
}

/** A code as a user types it: trimmed and in upper case. The dash must be there. */
export function readPairingCode(text: string): string {
  return text.trim().toUpperCase();
}

/** An account's relay token of a version, with the current key of the ring: 64 lower-case hex digits. */
export function makeRelayToken(ring: string, accountId: string, version: number): Promise<string> {
  return relayTokenOf(keysOf(ring)[0], accountId, version);
}

/**
 * The relay token whose hash is stored: it may have been made with a key that the ring only keeps. Null when no key
 * makes it; then the account needs a new one.
 */
export async function findRelayToken(ring: string, account: Account): Promise<string | null> {
  for (const key of keysOf(ring)) {
    const token = await relayTokenOf(key, account.id, account.relayTokenVersion);
    if ((await hashToken(token)) === account.relayTokenHash) return token;
  }
  return null;
}

async function relayTokenOf(key: string, accountId: string, version: number): Promise<string> {
  const derived = await deriveKey(key, "kakao-relay");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", derived, hmac, false, ["sign"]);
  const text = new TextEncoder().encode(`${accountId}:${version}`);
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", imported, text)));
}
