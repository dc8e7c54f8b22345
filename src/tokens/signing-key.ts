import { sha256Hex } from "../crypto.ts";
import { deriveKey } from "../derive-key.ts";
import { keysOf } from "../sealing.ts";

/** What a token of ours is for. Each kind is signed with keys of its own, so that none passes for another. */
export const TOKEN_KINDS = ["channel", "chat"] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

const PURPOSES = { channel: "channel-tokens", chat: "chat-tokens" } satisfies Record<
  TokenKind,
  string
>;

export type SigningKey = {
  /** Says which key of the ring signed; the first 8 hex digits of the derived key's SHA-256. */
  kid: string;
  secret: Uint8Array<ArrayBuffer>;
};

/** The key that signs tokens of a kind, derived from the current master key. */
export function signingKey(masterKeys: string, kind: TokenKind): Promise<SigningKey> {
  return derive(keysOf(masterKeys)[0], kind);
}

/** The key that a token says it was signed with; undefined when its master key is no longer in the ring. */
export async function findSigningKey(masterKeys: string, kind: TokenKind, kid: unknown) {
  const keys = await Promise.all(keysOf(masterKeys).map((key) => derive(key, kind)));
  return keys.find((key) => key.kid === kid);
}

async function derive(masterKey: string, kind: TokenKind): Promise<SigningKey> {
  const secret = await deriveKey(masterKey, PURPOSES[kind]);
  return { kid: (await sha256Hex(secret)).slice(0, 8), secret };
}
