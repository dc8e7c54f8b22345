import { decode, isEd25519, isSameText, joinParts } from "./crypto.ts";
import { type HmacScheme, mismatch, missing, verifyHmac } from "./hmac.ts";
import { parseJsonObject } from "./json.ts";
import * as schemes from "./schemes.ts";
import { verifyStandardWebhooks } from "./standard-webhooks.ts";
import { checkTime } from "./time.ts";
import { checkTwilioBody } from "./urls.ts";
import type { Failure, Incoming, PresetName, Verification, Verifier } from "./verification.ts";

const GITLAB_TOKEN = "x-gitlab-token";

/** How each preset is verified. A new one does not compile until it stands here. */
const VERIFIERS = {
  "standard-webhooks": verifyStandardWebhooks,
  // PortOne V2 signs by Standard Webhooks (@portone/server-sdk, `webhook.mjs`); V1 does not sign at all.
  portone: verifyStandardWebhooks,
  github: by(schemes.github),
  meta: by(schemes.github),
  gitlab: verifyGitlab,
  stripe: by(schemes.stripe),
  slack: by(schemes.slack),
  shopify: by(schemes.shopify),
  twilio: async (incoming, settings) =>
    (await checkTwilioBody(incoming)) ?? verifyHmac(schemes.twilio, incoming, settings),
  line: by(schemes.line),
  discord: verifyDiscord,
  linear: verifyLinear,
  paddle: by(schemes.paddle),
  zendesk: by(schemes.zendesk),
  hubspot: by(schemes.hubspot),
  toss: by(schemes.toss),
  "kakao-relay": by(schemes.kakaoRelay),
  x: verifyX,
} satisfies Record<Exclude<PresetName, "hmac">, Verifier>;

/** Null when the request is from who it says; else which check failed. */
export function verifyIncoming(
  settings: Verification,
  incoming: Incoming,
): Promise<Failure | null> {
  if (settings.preset === "hmac") {
    return verifyHmac(schemes.genericHmac(settings), incoming, settings);
  }
  return VERIFIERS[settings.preset](incoming, settings);
}

function by(scheme: HmacScheme): Verifier {
  return (incoming, settings) => verifyHmac(scheme, incoming, settings);
}

/** The header that holds the secret itself, as it is: it must be neither stored nor handed on. Null for signatures. */
export function tokenHeaderOf({ preset }: Verification): string | null {
  return preset === "gitlab" ? GITLAB_TOKEN : null;
}

/** The secret itself: https://docs.gitlab.com/user/project/integrations/webhooks/ ("Secret token"). */
async function verifyGitlab(
  { headers }: Incoming,
  { secrets }: Verification,
): Promise<Failure | null> {
  const token = headers.get(GITLAB_TOKEN);
  if (!token) return missing(GITLAB_TOKEN);
  const same = await Promise.all(secrets.map((secret) => isSameText(secret, token)));
  return same.includes(true)
    ? null
    : { check: "token", detail: "`x-gitlab-token` is none of the source's secrets" };
}

/**
 * Ed25519 over `{seconds}{body}`, key and signature in hex; the secret is the application's public key:
 * https://discord.com/developers/docs/interactions/overview#validating-security-request-headers
 */
async function verifyDiscord(incoming: Incoming, settings: Verification): Promise<Failure | null> {
  const { headers, body } = incoming;
  const signature = headers.get("x-signature-ed25519");
  const time = headers.get("x-signature-timestamp");
  if (!signature) return missing("x-signature-ed25519");
  if (!time) return missing("x-signature-timestamp");
  const late = checkTime(time, "seconds", incoming, settings.toleranceSeconds);
  if (late) return late;
  const bytes = decode(signature, "hex");
  if (!bytes) return { check: "header", detail: "`x-signature-ed25519` is no hex" };
  const message = joinParts([time, body]);
  const keys = settings.secrets.flatMap((secret) => decode(secret, "hex") ?? []);
  const checks = await Promise.all(keys.map((key) => isEd25519(key, bytes, message)));
  return checks.includes(true) ? null : mismatch("x-signature-ed25519");
}

/**
 * Only the body is signed, so the time is read from there (`webhookTimestamp`, milliseconds) and not from the header
 * `linear-timestamp`, which anybody can change.
 */
async function verifyLinear(incoming: Incoming, settings: Verification): Promise<Failure | null> {
  const wrong = await verifyHmac(schemes.linear, incoming, settings);
  if (wrong) return wrong;
  const time = parseJsonObject(incoming.body)?.webhookTimestamp;
  return checkTime(String(time), "milliseconds", incoming, settings.toleranceSeconds);
}

/** X signs what a CRC asks for with the same secret, so what is no JSON object may be somebody's `crc_token`. */
async function verifyX(incoming: Incoming, settings: Verification): Promise<Failure | null> {
  const wrong = await verifyHmac(schemes.x, incoming, settings);
  if (wrong || parseJsonObject(incoming.body)) return wrong;
  return { check: "body", detail: "its body is no JSON object" };
}
