import { fromBase64, toBase64 } from "./crypto.ts";
import { keysOf } from "./sealing.ts";

/**
 * The key that seals what the edge Worker must open: secrets of verification. Derived from the master key
 * (HKDF-SHA256, info `ingest`), so that there is nothing more to keep, and so that the Worker which faces every
 * stranger holds no key to destinations, portals or cookies: the master key cannot be computed back from it.
 * Base64 of 32 bytes, like the master key; of a ring of keys, a ring.
 */
export async function deriveIngestKey(masterKeys: string): Promise<string> {
  return (await Promise.all(keysOf(masterKeys).map(deriveOne))).join(",");
}

async function deriveOne(masterKey: string): Promise<string> {
  const key = await crypto.subtle.importKey("raw", fromBase64(masterKey), "HKDF", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(0),
      info: new TextEncoder().encode("ingest"),
    },
    key,
    256,
  );
  return toBase64(new Uint8Array(bits));
}
