import { decode, utf8Bytes } from "./crypto.ts";
import { BODY, type Claim, type HmacScheme } from "./hmac.ts";
import { hubspotMessages } from "./urls.ts";
import type { HmacOptions } from "./verification.ts";

/** https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries; Meta's Graph API signs the same way. */
export const github: HmacScheme = { header: "x-hub-signature-256", prefix: "sha256=" };

/** `t=<seconds>,v1=<hex>[,v1=…]` over `{t}.{body}`: https://docs.stripe.com/webhooks#verify-manually */
export const stripe: HmacScheme = {
  header: "stripe-signature",
  parse: (value) => readFields(value, ",", "t", "v1"),
  time: { unit: "seconds" },
  messages: (_, time) => [[`${time}.`, BODY]],
};

/** `v0=<hex>` over `v0:{seconds}:{body}`: https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const slack: HmacScheme = {
  header: "x-slack-signature",
  prefix: "v0=",
  time: { header: "x-slack-request-timestamp", unit: "seconds" },
  messages: (_, time) => [[`v0:${time}:`, BODY]],
};

/** https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-5-verify-the-webhook */
export const shopify: HmacScheme = { header: "x-shopify-hmac-sha256", encoding: "base64" };

/**
 * HMAC-SHA1 over the URL and the form: https://www.twilio.com/docs/usage/security#validating-requests. The form is not
 * signed as bytes, so `presets.ts` says what is.
 */
export const twilio: HmacScheme = {
  header: "x-twilio-signature",
  hash: "sha1",
  encoding: "base64",
};

/** https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/ */
export const line: HmacScheme = { header: "x-line-signature", encoding: "base64" };

/** https://linear.app/developers/webhooks#securing-webhooks. The signed time is in the body: see `presets.ts`. */
export const linear: HmacScheme = { header: "linear-signature" };

/** `ts=<seconds>;h1=<hex>` over `{ts}:{body}`: https://developer.paddle.com/webhooks/signature-verification */
export const paddle: HmacScheme = {
  header: "paddle-signature",
  parse: (value) => readFields(value, ";", "ts", "h1"),
  time: { unit: "seconds" },
  messages: (_, time) => [[`${time}:`, BODY]],
};

/** Over the ISO time and the body, nothing between: https://developer.zendesk.com/documentation/webhooks/verifying/ */
export const zendesk: HmacScheme = {
  header: "x-zendesk-webhook-signature",
  encoding: "base64",
  time: { header: "x-zendesk-webhook-signature-timestamp", unit: "iso" },
  messages: (_, time) => [[time, BODY]],
};

/**
 * Signature v3, over method, URI, body and milliseconds:
 * https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
 */
export const hubspot: HmacScheme = {
  header: "x-hubspot-signature-v3",
  encoding: "base64",
  time: { header: "x-hubspot-request-timestamp", unit: "milliseconds" },
  messages: hubspotMessages,
};

/**
 * `v1:<base64>,<base64>` over `{body}:{ISO time}`; one of the two fits. Toss Payments signs `payout.changed` and
 * `seller.changed` only, and no payment event: https://docs.tosspayments.com/reference/using-api/webhook-events
 * It does not say whether the security key (64 hex digits) is taken as text or as the bytes it stands for: both are tried.
 */
export const toss: HmacScheme = {
  header: "tosspayments-webhook-signature",
  encoding: "base64",
  parse: (value) => (value.startsWith("v1:") ? { signatures: splitList(value.slice(3)) } : null),
  time: { header: "tosspayments-webhook-transmission-time", unit: "iso" },
  messages: (_, time) => [[BODY, `:${time}`]],
  keys: (secret) => {
    const text = utf8Bytes(secret);
    const bytes = decode(secret, "hex");
    return bytes?.length === 32 ? [text, bytes] : [text];
  },
};

/** The header of the KakaoTalk relay's own contract: lower-case hex without a prefix, and nothing else. */
export const kakaoRelay: HmacScheme = {
  header: "x-kakao-signature",
  parse: (value) => (/^[0-9a-f]{64}$/.test(value) ? { signatures: [value] } : null),
};

/** https://docs.x.com/x-api/webhooks/quickstart, "Signature verification" */
export const x: HmacScheme = {
  header: "x-twitter-webhooks-signature",
  prefix: "sha256=",
  encoding: "base64",
};

/** The scheme that a source's own options describe. */
export function genericHmac(options: HmacOptions): HmacScheme {
  const { header, algorithm, encoding, prefix, signed, timestampHeader } = options;
  const scheme: HmacScheme = { header, hash: algorithm, encoding, prefix };
  if (signed === "body" || timestampHeader === undefined) return scheme;
  return {
    ...scheme,
    time: { header: timestampHeader, unit: "any" },
    messages: (_, time) => [[`${time}.`, BODY]],
  };
}

/** `a=1,b=2,b=3` → the time and the signatures of a version; other versions are left out. */
function readFields(
  value: string,
  separator: string,
  timeName: string,
  name: string,
): Claim | null {
  const fields = value.split(separator).map((field) => field.trim().split("=", 2));
  const time = fields.find(([key]) => key === timeName)?.[1];
  const signatures = fields.flatMap(([key, text]) => (key === name && text ? text : []));
  return time && signatures.length > 0 ? { time, signatures } : null;
}

function splitList(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}
