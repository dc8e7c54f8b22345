import { ByteBuffer } from "../byte-buffer.ts";
import { MAX_TOKEN_BYTES } from "./constants.ts";
import { decode, isEd25519, isSameText, joinParts } from "./crypto.ts";
import {
  type HmacCheck,
  type HmacScheme,
  mismatch,
  missing,
  readClaims,
  startCheck,
  verifyHmac,
} from "./hmac.ts";
import { parseJsonObject } from "./json.ts";
import * as schemes from "./schemes.ts";
import { SENS_V1_HEADERS, verifySensV1 } from "./sens-v1.ts";
import { standardClaims, verifyStandardWebhooks } from "./standard-webhooks.ts";
import { checkTime } from "./time.ts";
import { checkTwilioBody, twilioMessages } from "./urls.ts";
import type {
  Failure,
  Head,
  Incoming,
  PresetName,
  Verification,
  Verifier,
} from "./verification.ts";

const GITLAB_TOKEN = "x-gitlab-token";

/** Headers that are a secret themselves, of all presets. */
export const TOKEN_HEADERS: readonly string[] = [GITLAB_TOKEN, ...SENS_V1_HEADERS];

/** `start` is there when the body can be checked in pieces; without it `whole` needs all of it. */
type Check = { whole: Verifier; start?: Start };
type Start = (head: Head, settings: Verification) => Started | Promise<Started>;
/** What is wrong already, or the check that the body has to pass; null: the body is needed whole after all. */
export type Started = Failure | HmacCheck | null;

const STANDARD_WEBHOOKS: Check = {
  whole: verifyStandardWebhooks,
  start(head, settings) {
    const claims = standardClaims(head, settings);
    return claims === null || "check" in claims ? claims : startCheck(claims);
  },
};

/** How each preset is verified. A new one does not compile until it stands here. */
const CHECKS = {
  "standard-webhooks": STANDARD_WEBHOOKS,
  // PortOne V2 signs by Standard Webhooks (@portone/server-sdk, `webhook.mjs`); V1 does not sign at all.
  portone: STANDARD_WEBHOOKS,
  github: by(schemes.github),
  meta: by(schemes.github),
  gitlab: byHead(verifyGitlab),
  sens_v1: byHead(verifySensV1),
  stripe: by(schemes.stripe),
  slack: by(schemes.slack),
  shopify: by(schemes.shopify),
  twilio: { whole: verifyTwilio },
  line: by(schemes.line),
  discord: { whole: verifyDiscord },
  linear: { whole: verifyLinear },
  paddle: by(schemes.paddle),
  zendesk: by(schemes.zendesk),
  hubspot: by(schemes.hubspot),
  toss: by(schemes.toss),
  "kakao-relay": by(schemes.kakaoRelay),
  x: by(schemes.x, refuseCrcToken),
} satisfies Record<Exclude<PresetName, "hmac">, Check>;

/** Null when the request is from who it says; else which check failed. */
export function verifyIncoming(
  settings: Verification,
  incoming: Incoming,
): Promise<Failure | null> {
  return checkOf(settings).whole(incoming, settings);
}

/**
 * Checks what needs no body, and gives the check that the body has to pass on its way, so that it is never held whole.
 * Null for a preset, or a secret, whose signature needs it whole: use `verifyIncoming`.
 */
export async function startVerification(settings: Verification, head: Head): Promise<Started> {
  return checkOf(settings).start?.(head, settings) ?? null;
}

function checkOf(settings: Verification): Check {
  return settings.preset === "hmac" ? by(schemes.genericHmac(settings)) : CHECKS[settings.preset];
}

function by(scheme: HmacScheme, wrap: (check: HmacCheck) => HmacCheck = (check) => check): Check {
  const start = (head: Head, settings: Verification): Failure | HmacCheck => {
    const claims = readClaims(scheme, head, settings);
    return "check" in claims ? claims : wrap(startCheck(claims));
  };
  const whole: Verifier = async (incoming, settings) => {
    const started = start(incoming, settings);
    if ("check" in started) return started;
    started.update(incoming.body);
    return started.finish();
  };
  return { start, whole };
}

/** A token in the head is all there is to check. */
function byHead(verify: (head: Head, settings: Verification) => Promise<Failure | null>): Check {
  const start: Start = async (head, settings) =>
    (await verify(head, settings)) ?? { update: () => {}, finish: () => null };
  return { start, whole: verify };
}

/** The headers that hold the secret itself, as it is: they must be neither stored nor handed on. */
export function tokenHeadersOf({ preset }: Verification): readonly string[] {
  if (preset === "sens_v1") return SENS_V1_HEADERS;
  return preset === "gitlab" ? [GITLAB_TOKEN] : [];
}

/** The secret itself: https://docs.gitlab.com/user/project/integrations/webhooks/ ("Secret token"). */
async function verifyGitlab({ headers }: Head, { secrets }: Verification): Promise<Failure | null> {
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
  const wrong = verifyHmac(schemes.linear, incoming, settings);
  if (wrong) return wrong;
  const time = parseJsonObject(incoming.body)?.webhookTimestamp;
  return checkTime(String(time), "milliseconds", incoming, settings.toleranceSeconds);
}

/** HMAC over the URL with the form's parameters; a body that is no form is named in the URL. */
async function verifyTwilio(incoming: Incoming, settings: Verification): Promise<Failure | null> {
  const scheme = { ...schemes.twilio, messages: () => twilioMessages(incoming) };
  return (await checkTwilioBody(incoming)) ?? verifyHmac(scheme, incoming, settings);
}

/**
 * X signs what a CRC asks for with the same secret, so what is no JSON object may be somebody's `crc_token`. A token
 * stands in a URL: a body that is longer than one is none.
 */
function refuseCrcToken(check: HmacCheck): HmacCheck {
  const start = new ByteBuffer();
  let size = 0;
  return {
    update(piece) {
      check.update(piece);
      size += piece.length;
      if (size <= MAX_TOKEN_BYTES) start.push(piece);
    },
    finish() {
      const wrong = check.finish();
      if (wrong || size > MAX_TOKEN_BYTES || parseJsonObject(start.take())) return wrong;
      return { check: "body", detail: "its body is no JSON object" };
    },
  };
}
