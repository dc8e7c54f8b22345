import { fromBase64, sha256Hex, toBase64 } from "./crypto.ts";

const IV_BYTES = 12;

/**
 * Seals text with AES-256-GCM. The result is `<key id>.<base64 of iv‖ciphertext>`.
 * `aad` names the row the text belongs to, so that a sealed value cannot be moved to another row.
 */
export async function seal(masterKey: string, aad: string, plain: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(aad) },
    await importKey(masterKey, "encrypt"),
    new TextEncoder().encode(plain),
  );
  const out = new Uint8Array(IV_BYTES + sealed.byteLength);
  out.set(iv);
  out.set(new Uint8Array(sealed), IV_BYTES);
  return `${await keyId(masterKey)}.${toBase64(out)}`;
}

/** Opens what `seal` made. Throws when the key or the row is another one. */
export async function unseal(masterKey: string, aad: string, sealed: string): Promise<string> {
  const [id, payload] = sealed.split(".");
  if (id !== (await keyId(masterKey)) || payload === undefined) {
    throw new Error("sealed with another master key: MASTER_KEY is not the one of this database");
  }
  const bytes = fromBase64(payload);
  const plain = await crypto.subtle.decrypt(
    {
      name: "AES-GCM",
      iv: bytes.slice(0, IV_BYTES),
      additionalData: new TextEncoder().encode(aad),
    },
    await importKey(masterKey, "decrypt"),
    bytes.slice(IV_BYTES),
  );
  return new TextDecoder().decode(plain);
}

/** First 8 hex digits of the key's SHA-256: says which key sealed a value without telling the key. */
export async function keyId(masterKey: string): Promise<string> {
  return (await sha256Hex(masterKey)).slice(0, 8);
}

function importKey(masterKey: string, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", fromBase64(masterKey), "AES-GCM", false, [usage]);
}
