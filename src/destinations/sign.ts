import { fromBase64, toBase64 } from "../crypto.ts";

/** Prefix of a symmetric Standard Webhooks secret; Base64 of the key follows. */
export const SECRET_PREFIX = "whsec_";

/** What is signed besides the body. */
export type SignedParts = {
  /** `webhook-id`: the same over all tries. */
  id: string;
  /** `webhook-timestamp`: whole seconds, of this try. */
  timestampSeconds: number;
};

/**
 * The `webhook-signature` header of Standard Webhooks 1.0: HMAC-SHA256 over `{id}.{timestamp}.` and the body's bytes,
 * one `v1,<base64>` for each secret, separated by spaces.
 */
export async function signatureHeader(
  secrets: readonly string[],
  { id, timestampSeconds }: SignedParts,
  body: Uint8Array,
): Promise<string> {
  const head = new TextEncoder().encode(`${id}.${timestampSeconds}.`);
  const message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  const signatures = await Promise.all(secrets.map((secret) => sign(secret, message)));
  return signatures.map((signature) => `v1,${signature}`).join(" ");
}

async function sign(secret: string, message: Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = secretBytes(secret);
  if (!bytes) throw new Error("a stored signing secret is not whsec_ and Base64");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  return toBase64(new Uint8Array(await crypto.subtle.sign("HMAC", key, message)));
}

/** The key of a `whsec_…` secret, or null when the text is none. */
export function secretBytes(secret: string): Uint8Array<ArrayBuffer> | null {
  if (!secret.startsWith(SECRET_PREFIX)) return null;
  try {
    return fromBase64(secret.slice(SECRET_PREFIX.length));
  } catch {
    return null;
  }
}
