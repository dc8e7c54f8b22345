import { toBase64 } from "../crypto.ts";

/** What one call's signature is made of. */
export type SensParts = {
  method: "GET" | "POST";
  /** Path and query, byte for byte as they are sent; no host. */
  path: string;
  /** Milliseconds since 1970 in decimal, the very text of `x-ncp-apigw-timestamp`. */
  timestamp: string;
  accessKey: string;
};

/**
 * `x-ncp-apigw-signature-v2`: Base64 of HMAC-SHA256 over three lines without a line break at the end. The body is not
 * signed, and the key is the secret's text as it stands.
 */
export async function signSens(secretKey: string, parts: SensParts): Promise<string> {
  const utf8 = new TextEncoder();
  const text = `${parts.method} ${parts.path}\n${parts.timestamp}\n${parts.accessKey}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(secretKey), algorithm, false, [
    "sign",
  ]);
  return toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(text))));
}
