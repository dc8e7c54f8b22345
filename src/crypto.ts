const utf8 = new TextEncoder();

/** Lower-case hex SHA-256 of UTF-8 text or bytes. */
export async function sha256Hex(input: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof input === "string" ? utf8.encode(input) : input;
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

export function toHex(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}

export function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

/** Throws on text that is not Base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** A random URL-safe secret of `bytes` bytes, with a prefix that scanners can recognise. */
export function randomSecret(prefix: string, bytes = 24): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return prefix + toBase64(random).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
