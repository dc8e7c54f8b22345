import { createHmac } from "node:crypto";
import { fromBase64, toBase64 } from "../crypto.ts";

/** Prefix of a symmetric Standard Webhooks secret; Base64 of the key follows. */
export const SECRET_PREFIX = "whsec_";
/** Prefix of an ed25519 secret; Base64 of its seed follows, or of seed and public key (both forms are in use). */
export const PRIVATE_PREFIX = "whsk_";
/** Prefix of an ed25519 public key, which receivers verify with. */
export const PUBLIC_PREFIX = "whpk_";

const SEED_BYTES = 32;
/** What stands before the seed in an ed25519 key's PKCS #8 form (RFC 8410, §7). */
const PKCS8_HEAD = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

/** What is signed besides the body. */
export type SignedParts = {
  /** `webhook-id`: the same over all tries. */
  id: string;
  /** `webhook-timestamp`: whole seconds, of this try. */
  timestampSeconds: number;
};

type Bytes = Uint8Array<ArrayBuffer>;

export type SigningKey =
  | { version: "v1"; bytes: Bytes }
  /** `claimed`: the public key that the secret's text says belongs to the seed. */
  | { version: "v1a"; seed: Bytes; claimed: Bytes | null };

/**
 * The `webhook-signature` header of Standard Webhooks 1.0 over `{id}.{timestamp}.` and the body's bytes: for each
 * secret `v1,<base64>` (HMAC-SHA256) or `v1a,<base64>` (ed25519), separated by spaces.
 */
export function signatureHeader(
  secrets: readonly string[],
  parts: SignedParts,
  body: Uint8Array,
): Promise<string> {
  const head = messageHead(parts);
  const message = new Uint8Array(head.length + body.length);
  message.set(head);
  message.set(body, head.length);
  return signMessage(secrets, message);
}

/** What stands before the body in what is signed. */
export function messageHead({ id, timestampSeconds }: SignedParts): Bytes {
  return new Uint8Array(new TextEncoder().encode(`${id}.${timestampSeconds}.`));
}

/** The same header, over a message that is in memory: head and body. */
export async function signMessage(secrets: readonly string[], message: Bytes): Promise<string> {
  return (await Promise.all(secrets.map((secret) => sign(secret, message)))).join(" ");
}

/** True when one of the secrets needs the message in one piece: ed25519 goes over it twice. */
export function isSignedWhole(secrets: readonly string[]): boolean {
  return secrets.some((secret) => secret.startsWith(PRIVATE_PREFIX));
}

/** The same header, over a body that passes in pieces; by `whsec_` secrets only. */
export function startSigning(secrets: readonly string[], parts: SignedParts) {
  const macs = secrets.map((secret) => {
    const key = keyOf(secret);
    if (key.version !== "v1") throw new Error("a whsk_ secret cannot sign in pieces");
    const mac = createHmac("sha256", key.bytes);
    mac.update(messageHead(parts));
    return mac;
  });
  return {
    update(piece: Uint8Array): void {
      for (const mac of macs) mac.update(piece);
    },
    finish: () => macs.map((mac) => `v1,${toBase64(mac.digest())}`).join(" "),
  };
}

async function sign(secret: string, message: Bytes): Promise<string> {
  const parsed = keyOf(secret);
  if (parsed.version === "v1") {
    const mac = createHmac("sha256", parsed.bytes);
    mac.update(message);
    return `v1,${toBase64(mac.digest())}`;
  }
  const key = await importSeed(parsed.seed, false);
  return `v1a,${toBase64(new Uint8Array(await crypto.subtle.sign("Ed25519", key, message)))}`;
}

function keyOf(secret: string): SigningKey {
  const parsed = readSigningKey(secret);
  if (!parsed) throw new Error("a stored signing secret is neither whsec_ nor whsk_ and Base64");
  return parsed;
}

/** The key of a `whsec_…` or `whsk_…` secret, or null when the text is none. */
export function readSigningKey(secret: string): SigningKey | null {
  if (secret.startsWith(SECRET_PREFIX)) {
    const bytes = decode(secret.slice(SECRET_PREFIX.length));
    return bytes && { version: "v1", bytes };
  }
  if (!secret.startsWith(PRIVATE_PREFIX)) return null;
  const bytes = decode(secret.slice(PRIVATE_PREFIX.length));
  if (bytes?.length !== SEED_BYTES && bytes?.length !== 2 * SEED_BYTES) return null;
  const claimed = bytes.length > SEED_BYTES ? bytes.slice(SEED_BYTES) : null;
  return { version: "v1a", seed: bytes.slice(0, SEED_BYTES), claimed };
}

/** The public key (32 bytes) of an ed25519 seed. */
export async function publicKeyOf(seed: Bytes): Promise<Bytes> {
  // WebCrypto has no other way from a seed to its public key.
  const { x = "" } = (await crypto.subtle.exportKey(
    "jwk",
    await importSeed(seed, true),
  )) as JsonWebKey;
  return fromBase64(x.replaceAll("-", "+").replaceAll("_", "/"));
}

function importSeed(seed: Bytes, extractable: boolean): Promise<CryptoKey> {
  const pkcs8 = new Uint8Array([...PKCS8_HEAD, ...seed]);
  return crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", extractable, ["sign"]);
}

function decode(base64: string): Bytes | null {
  try {
    return fromBase64(base64);
  } catch {
    return null;
  }
}
