import { sha256Hex } from "../crypto.ts";
import { deriveKey } from "../derive-key.ts";
import { keysOf } from "../sealing.ts";

export type SigningKey = {
  /** Says which key of the ring signed; the first 8 hex digits of the derived key's SHA-256. */
  kid: string;
  secret: Uint8Array<ArrayBuffer>;
};

/** The key that signs channel tokens, derived from the current master key. */
export function signingKey(masterKeys: string): Promise<SigningKey> {
  return derive(keysOf(masterKeys)[0]);
}

/** The key that a token says it was signed with; undefined when its master key is no longer in the ring. */
export async function findSigningKey(masterKeys: string, kid: unknown) {
  const keys = await Promise.all(keysOf(masterKeys).map(derive));
  return keys.find((key) => key.kid === kid);
}

async function derive(masterKey: string): Promise<SigningKey> {
  const secret = await deriveKey(masterKey, "channel-tokens");
  return { kid: (await sha256Hex(secret)).slice(0, 8), secret };
}
