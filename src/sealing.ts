import { fromBase64, sha256Hex, toBase64 } from "./crypto.ts";

const IV_BYTES = 12;

/**
 * The keys of a deployment as one text: the current key, which seals, then after commas the others, which only open.
 * `others` are older keys, and during a rotation the next one (docs/operating.md).
 */
export function keyRing(current: string, others = ""): string {
  return [current, others]
    .join(",")
    .replace(/[\s,]+/g, ",")
    .replace(/,$/, "");
}

/** The keys of a ring, the current one first. */
export function keysOf(ring: string): [string, ...string[]] {
  const [current = "", ...others] = ring.split(",");
  return [current, ...others];
}

/**
 * Seals text with AES-256-GCM. The result is `<key id>.<base64 of iv‖ciphertext>`. `keys`: one key or a ring.
 * `aad` names the row the text belongs to, so that a sealed value cannot be moved to another row.
 */
export async function seal(keys: string, aad: string, plain: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(aad) },
    await importKey(keysOf(keys)[0], "encrypt"),
    new TextEncoder().encode(plain),
  );
  const out = new Uint8Array(IV_BYTES + sealed.byteLength);
  out.set(iv);
  out.set(new Uint8Array(sealed), IV_BYTES);
  return `${await keyId(keys)}.${toBase64(out)}`;
}

/** Opens what `seal` made, with the key of the ring that sealed it. Throws when it is not there, or the row is another. */
export async function unseal(keys: string, aad: string, sealed: string): Promise<string> {
  const [id, payload] = sealed.split(".");
  const key = await findKey(keys, id);
  if (key === undefined || payload === undefined) {
    throw new Error(
      "sealed with another master key: neither MASTER_KEY nor MASTER_KEY_PREVIOUS is the one",
    );
  }
  const bytes = fromBase64(payload);
  const plain = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: bytes.slice(0, IV_BYTES),
      additionalData: new TextEncoder().encode(aad),
    },
    await importKey(key, "decrypt"),
    bytes.slice(IV_BYTES),
  );
  return new TextDecoder().decode(plain);
}

async function findKey(keys: string, id: string | undefined): Promise<string | undefined> {
  for (const key of keysOf(keys)) {
    if ((await keyId(key)) === id) return key;
  }
  return undefined;
}

/** First 8 hex digits of the (current) key's SHA-256: says which key sealed a value without telling the key. */
export async function keyId(keys: string): Promise<string> {
  return (await sha256Hex(keysOf(keys)[0])).slice(0, 8);
}

function importKey(key: string, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", fromBase64(key), "AES-GCM", false, [usage]);
}
