import { toBase64 } from "../crypto.ts";
import { MAX_CHALLENGE_CHARS } from "./constants.ts";
import { isSameText, utf8Bytes } from "./crypto.ts";
import { parseJsonObject } from "./json.ts";
import type { Incoming, Verification } from "./verification.ts";

/** An answer that proves to the provider that the URL is ours. */
export type ChallengeAnswer =
  | { contentType: "text/plain" | "application/json"; body: string }
  /** 204. */
  | { contentType: null; body: null };

/**
 * Answers a challenge that comes unsigned, as GET: Meta's `hub.challenge`, X's CRC. Null for everything else, and for a
 * wrong `hub.verify_token`, which then fails the check for a signature.
 */
export async function answerUnsignedChallenge(
  settings: Verification,
  { method, url }: Pick<Incoming, "method" | "url">,
): Promise<ChallengeAnswer | null> {
  if (method !== "GET") return null;
  const query = new URL(url).searchParams;
  if (settings.preset === "meta") return answerMeta(query, settings.verifyToken);
  if (settings.preset === "x") return answerCrc(query, settings.secrets);
  return null;
}

/** Answers a challenge that is signed like everything else of its provider: call it after the signature was verified. */
export function answerSignedChallenge(
  settings: Verification,
  { method, body }: Pick<Incoming, "method" | "body">,
): ChallengeAnswer | null {
  if (method !== "POST") return null;
  if (settings.preset === "slack") return answerSlack(body);
  if (settings.preset === "discord") return answerDiscord(body);
  return null;
}

/** https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests */
async function answerMeta(query: URLSearchParams, token: string): Promise<ChallengeAnswer | null> {
  const challenge = readChallenge(query.get("hub.challenge"));
  if (query.get("hub.mode") !== "subscribe" || challenge === null) return null;
  const isOurs = await isSameText(query.get("hub.verify_token") ?? "", token);
  return isOurs ? { contentType: "text/plain", body: challenge } : null;
}

/**
 * https://docs.x.com/x-api/webhooks/quickstart, "The CRC check". The answer is a signature of whatever is asked, with
 * the key that signs events: so only a token in the form of one is answered, which no JSON object can be.
 */
async function answerCrc(
  query: URLSearchParams,
  secrets: string[],
): Promise<ChallengeAnswer | null> {
  const token = readChallenge(query.get("crc_token"));
  const [secret] = secrets;
  if (token === null || secret === undefined || !/^[\w+/=.~-]+$/.test(token)) return null;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8Bytes(secret), algorithm, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, utf8Bytes(token));
  const response_token = `sha256=${toBase64(new Uint8Array(mac))}`;
  return { contentType: "application/json", body: JSON.stringify({ response_token }) };
}

/** https://docs.slack.dev/reference/events/url_verification */
function answerSlack(body: Uint8Array): ChallengeAnswer | null {
  const sent = parseJsonObject(body);
  const challenge = readChallenge(sent?.challenge);
  if (sent?.type !== "url_verification" || challenge === null) return null;
  return { contentType: "text/plain", body: challenge };
}

/**
 * A ping carries no `event`. Interactions send type 1 and want type 1 back, PONG; Webhook Events send type 0 and want a
 * 204, and their type 1 is an event: https://docs.discord.com/developers/events/webhook-events
 */
function answerDiscord(body: Uint8Array): ChallengeAnswer | null {
  const sent = parseJsonObject(body);
  if (!sent || sent.event !== undefined) return null;
  if (sent.type === 1) return { contentType: "application/json", body: '{"type":1}' };
  return sent.type === 0 ? { contentType: null, body: null } : null;
}

function readChallenge(value: unknown): string | null {
  if (typeof value !== "string" || value === "") return null;
  return value.length <= MAX_CHALLENGE_CHARS ? value : null;
}
