import { MAX_SIGNATURES } from "./constants.ts";
import { decode, isEd25519, isHmac, joinParts } from "./crypto.ts";
import { mismatch, missing } from "./hmac.ts";
import { checkTime } from "./time.ts";
import type { Failure, Incoming, Verification } from "./verification.ts";

const SECRET_PREFIX = "whsec_";
const PUBLIC_PREFIX = "whpk_";

/** A key for `v1` (HMAC-SHA256) or `v1a` (ed25519, by its public key). */
type Key = { version: "v1" | "v1a"; bytes: Uint8Array<ArrayBuffer> };

/**
 * Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature` (`v1,<base64>` or
 * `v1a,<base64>`, separated by spaces) over `{id}.{timestamp}.{body}`. Svix sends the same under `svix-` names.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function verifyStandardWebhooks(
  incoming: Incoming,
  { secrets, toleranceSeconds }: Pick<Verification, "secrets" | "toleranceSeconds">,
): Promise<Failure | null> {
  const { headers, body } = incoming;
  const family =
    headers.has("webhook-signature") || !headers.has("svix-signature") ? "webhook" : "svix";
  const [idName, timeName, signatureName] = ["id", "timestamp", "signature"].map(
    (name) => `${family}-${name}`,
  ) as [string, string, string];
  const [id, time, signature] = [idName, timeName, signatureName].map((name) => headers.get(name));
  if (!id) return missing(idName);
  if (!time) return missing(timeName);
  if (!signature) return missing(signatureName);
  const late = checkTime(time, "seconds", incoming, toleranceSeconds);
  if (late) return late;
  const message = joinParts([`${id}.${time}.`, body]);
  const claims = signature.split(" ").slice(0, MAX_SIGNATURES).flatMap(readClaim);
  const checks = secrets
    .flatMap((secret) => readKey(secret) ?? [])
    .flatMap((key) => claims.map((claim) => isSigned(key, claim, message)));
  return (await Promise.all(checks)).includes(true) ? null : mismatch(signatureName);
}

/** `whsec_` and Base64 (PortOne shows it without the prefix too), or `whpk_` and the Base64 of an ed25519 public key. */
export function readKey(secret: string): Key | null {
  if (secret.startsWith(PUBLIC_PREFIX)) {
    const bytes = decode(secret.slice(PUBLIC_PREFIX.length), "base64");
    return bytes?.length === 32 ? { version: "v1a", bytes } : null;
  }
  const text = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  const bytes = decode(text, "base64");
  return bytes ? { version: "v1", bytes } : null;
}

function readClaim(text: string): Key | [] {
  const [version, base64] = text.split(",", 2);
  const bytes = decode(base64 ?? "", "base64");
  return bytes && (version === "v1" || version === "v1a") ? { version, bytes } : [];
}

/** A key checks signatures of its own version only: a public key must never serve as an HMAC secret. */
async function isSigned(key: Key, claim: Key, message: Uint8Array<ArrayBuffer>): Promise<boolean> {
  if (key.version !== claim.version) return false;
  return key.version === "v1"
    ? isHmac("SHA-256", key.bytes, claim.bytes, message)
    : isEd25519(key.bytes, claim.bytes, message);
}
