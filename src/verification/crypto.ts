import { fromBase64 } from "../crypto.ts";

export type Part = string | Uint8Array<ArrayBuffer>;
export type Encoding = "hex" | "base64" | "base64url";
export type Hash = "sha1" | "sha256" | "sha512";

const utf8 = new TextEncoder();

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(utf8.encode(text));
}

/** One message of texts and raw bytes. The body is never decoded on the way. */
export function joinParts(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const bytes = parts.map((part) => (typeof part === "string" ? utf8.encode(part) : part));
  const message = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of bytes) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}

/** The bytes a text stands for, or null when it is no such text. */
export function decode(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> | null {
  if (encoding === "hex") {
    if (text.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(text)) return null;
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
  const base64 = encoding === "base64" ? text : text.replaceAll("-", "+").replaceAll("_", "/");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  try {
    return fromBase64(base64);
  } catch {
    return null;
  }
}

/** True when the ed25519 signature is right; false also for a key or signature of a wrong length. */
export async function isEd25519(
  publicKey: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    return false;
  }
}

/** Compares texts in constant time: their hashes have one length, and every byte is looked at. */
export async function isSameText(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([sha256(a), sha256(b)]);
  let difference = 0;
  for (const [i, byte] of one.entries()) difference |= byte ^ (other[i] ?? 0);
  return difference === 0;
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
}
