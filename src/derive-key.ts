import { fromBase64 } from "./crypto.ts";

/**
 * 32 bytes for one purpose from a master key (Base64): HKDF-SHA256 with the purpose as info. The master key cannot be
 * computed back from them, nor the bytes of another purpose.
 */
export async function deriveKey(
  masterKey: string,
  purpose: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", fromBase64(masterKey), "HKDF", false, [
    "deriveBits",
  ]);
  const bits = await crypto.subtle.deriveBits(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(0),
      info: new TextEncoder().encode(purpose),
    },
    key,
    256,
  );
  return new Uint8Array(bits);
}
