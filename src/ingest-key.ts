import { toBase64 } from "./crypto.ts";
import { deriveKey } from "./derive-key.ts";
import { keysOf } from "./sealing.ts";

/**
 * The key that seals what the edge Worker must open: secrets of verification. Derived from the master key
 * (HKDF-SHA256, info `ingest`), so that there is nothing more to keep, and so that the Worker which faces every
 * stranger holds no key to destinations, portals or cookies: the master key cannot be computed back from it.
 * Base64 of 32 bytes, like the master key; of a ring of keys, a ring.
 */
export async function deriveIngestKey(masterKeys: string): Promise<string> {
  const derived = await Promise.all(keysOf(masterKeys).map((key) => deriveKey(key, "ingest")));
  return derived.map(toBase64).join(",");
}
