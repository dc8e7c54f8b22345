import { MAX_SIGNATURES } from "./constants.ts";
import { decode, isEd25519, joinParts } from "./crypto.ts";
import { BODY, compareWhole, type HmacClaims, type Message, mismatch, missing } from "./hmac.ts";
import { checkTime } from "./time.ts";
import type { Failure, Head, Incoming, Verification } from "./verification.ts";

const SECRET_PREFIX = "whsec_";
const PUBLIC_PREFIX = "whpk_";

type Secrets = Pick<Verification, "secrets" | "toleranceSeconds">;
/** A key or signature of `v1` (HMAC-SHA256) or `v1a` (ed25519, by its public key). */
type Key = { version: "v1" | "v1a"; bytes: Uint8Array<ArrayBuffer> };
/** What the head says: what was signed before the body, and the signatures. */
type Signed = { header: string; prefix: string; claims: Key[] };

/**
 * Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature` (`v1,<base64>` or
 * `v1a,<base64>`, separated by spaces) over `{id}.{timestamp}.{body}`. Svix sends the same under `svix-` names.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function verifyStandardWebhooks(
  incoming: Incoming,
  settings: Secrets,
): Promise<Failure | null> {
  const signed = readHead(incoming, settings);
  if ("check" in signed) return signed;
  const { header, prefix, claims } = signed;
  if (compareWhole(hmacClaims(signed, settings), incoming.body) === null) return null;
  const keys = settings.secrets.flatMap((secret) => readKey(secret) ?? []);
  if (!keys.some(isPublic)) return mismatch(header);
  // A key checks signatures of its own version only: a public key must never serve as an HMAC secret.
  const message = joinParts([prefix, incoming.body]);
  const checks = keys
    .filter(isPublic)
    .flatMap((key) =>
      claims.filter(isPublic).map((claim) => isEd25519(key.bytes, claim.bytes, message)),
    );
  return (await Promise.all(checks)).includes(true) ? null : mismatch(header);
}

/** The same as far as it goes without the body; null when a secret is a public key, which takes the body whole. */
export function standardClaims(head: Head, settings: Secrets): Failure | HmacClaims | null {
  if (settings.secrets.some((secret) => secret.startsWith(PUBLIC_PREFIX))) return null;
  const signed = readHead(head, settings);
  return "check" in signed ? signed : hmacClaims(signed, settings);
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

function readHead(head: Head, { toleranceSeconds }: Secrets): Failure | Signed {
  const { headers } = head;
  const family =
    headers.has("webhook-signature") || !headers.has("svix-signature") ? "webhook" : "svix";
  const [idName, timeName, header] = ["id", "timestamp", "signature"].map(
    (name) => `${family}-${name}`,
  ) as [string, string, string];
  const [id, time, signature] = [idName, timeName, header].map((name) => headers.get(name));
  if (!id) return missing(idName);
  if (!time) return missing(timeName);
  if (!signature) return missing(header);
  const late = checkTime(time, "seconds", head, toleranceSeconds);
  if (late) return late;
  const claims = signature.split(" ").slice(0, MAX_SIGNATURES).flatMap(readClaim);
  return { header, prefix: `${id}.${time}.`, claims };
}

function hmacClaims({ header, prefix, claims }: Signed, { secrets }: Secrets): HmacClaims {
  const keys = secrets.flatMap((secret) => readKey(secret) ?? []);
  const bytesOf = (all: Key[]) => all.filter((key) => !isPublic(key)).map(({ bytes }) => bytes);
  const messages: Message[] = [[prefix, BODY]];
  return { header, hash: "sha256", macs: bytesOf(claims), keys: bytesOf(keys), messages };
}

function isPublic({ version }: Key): boolean {
  return version === "v1a";
}

function readClaim(text: string): Key | [] {
  const [version, base64] = text.split(",", 2);
  const bytes = decode(base64 ?? "", "base64");
  return bytes && (version === "v1" || version === "v1a") ? { version, bytes } : [];
}
