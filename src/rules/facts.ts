import { exceedsDepth } from "../json-depth.ts";
import { readSlackMessage, type SlackMessage, slackTextOf } from "../slack-message.ts";
import { parseSms, phoneTextOf, type Sms, type SmsText, smsTextOf } from "../sms/index.ts";
import type { SourcePreset } from "../source-preset.ts";
import { MAX_MATCHED_BODY_BYTES, MAX_MATCHED_JSON_DEPTH } from "./constants.ts";
import { shorten } from "./describe.ts";

/** A request as rules see it. */
export type RequestFacts = {
  method: string;
  host: string;
  path: string;
  /** Raw query without `?`. */
  query: string;
  headers: readonly (readonly [string, string])[];
  senderName: string;
  /** `snd_…` of a registered sender. */
  senderId?: string | null;
  contentType: string | null;
  /** Null when it is empty, too large to be looked into, or lost. */
  body: Uint8Array | null;
  /** Bytes of the whole body; needed only when `body` is null though there is one. */
  size?: number;
  /** Milliseconds UTC, now when left out: a message without a year is dated by it. */
  receivedAt?: number;
  /**
   * What its source takes. A Slack message is read as one; of a phone, a message of 4–8 digits only is a one-time code,
   * and one may stand in the query.
   */
  preset?: SourcePreset | undefined;
};

/** The content of a body, or why there is none to look into. */
export type Readable<T> = { value: T } | { unreadable: string };

/** The request with everything decoded at most once, and only when a rule asks for it. */
export type Facts = Pick<RequestFacts, "method" | "host" | "path" | "senderName" | "senderId"> & {
  /** A phone's message may stand in the query. */
  hasPhoneQuery: boolean;
  /** Values by name, decoded, in order. */
  query: () => ReadonlyMap<string, readonly string[]>;
  /** Values by lower-case name; duplicates joined with `, `, as the platform joins them. */
  headers: () => ReadonlyMap<string, string>;
  /** UTF-8 without its byte order mark; invalid bytes replaced. Of a Slack message what it says. */
  text: () => Readable<string>;
  /** The text in Unicode NFC. */
  normalizedText: () => Readable<string>;
  /** The body as JSON, whatever its content type says; a Slack message also out of the old form's `payload`. */
  json: () => Readable<unknown>;
  /** The SMS in the body, as a phone forwards it. */
  forwarded: () => Readable<SmsText>;
  /** What the body says as an SMS. */
  sms: () => Readable<Sms>;
};

export function factsOf(request: RequestFacts): Facts {
  const { method, host, path, senderName, senderId } = request;
  const body = once(() => request.body);
  const raw = once(() => decodeText(body(), request.size));
  const message = once(() => readMessage(request, body(), raw()));
  const forwarded = once(() => readForwarded(request, body(), raw()));
  const text = once(() => {
    const sent = message();
    return sent ? { value: slackTextOf(sent) } : raw();
  });
  return {
    method,
    host,
    path,
    senderName,
    senderId,
    hasPhoneQuery: request.preset === "phone" && request.query !== "",
    query: once(() => parseQuery(request.query)),
    headers: once(() => joinHeaders(request.headers)),
    text,
    normalizedText: once(() => {
      const decoded = text();
      return "unreadable" in decoded ? decoded : { value: decoded.value.normalize("NFC") };
    }),
    json: once(() => {
      const sent = message();
      return sent ? { value: sent } : parseJson(raw());
    }),
    forwarded,
    sms: once(() => readSms(request, forwarded())),
  };
}

function decodeText(body: Uint8Array | null, size = body?.byteLength ?? 0): Readable<string> {
  if (size > MAX_MATCHED_BODY_BYTES) {
    return {
      unreadable: `the body has ${size} bytes; rules and transforms look into ${MAX_MATCHED_BODY_BYTES} at most`,
    };
  }
  if (!body && size > 0) return { unreadable: "the stored body is missing" };
  return { value: body ? new TextDecoder().decode(body) : "" };
}

/** The message of a body that a Slack hook takes; null for all others, and for one that no hook would take. */
function readMessage(
  { preset }: RequestFacts,
  body: Uint8Array | null,
  raw: Readable<string>,
): SlackMessage | null {
  return preset === "slack" && body && "value" in raw ? readSlackMessage(body) : null;
}

function parseJson(text: Readable<string>): Readable<unknown> {
  if ("unreadable" in text) return text;
  if (text.value === "") return { unreadable: "the body is not JSON: it is empty" };
  if (exceedsDepth(text.value, MAX_MATCHED_JSON_DEPTH)) {
    return { unreadable: `the body's JSON is nested deeper than ${MAX_MATCHED_JSON_DEPTH} levels` };
  }
  try {
    return { value: JSON.parse(text.value) };
  } catch (error) {
    return { unreadable: shorten(`the body is not JSON: ${(error as Error).message}`) };
  }
}

function readForwarded(
  request: RequestFacts,
  body: Uint8Array | null,
  text: Readable<string>,
): Readable<SmsText> {
  // Too large or lost, for `text` too.
  if ("unreadable" in text) return text;
  const { contentType, query, preset } = request;
  const value =
    preset === "phone"
      ? phoneTextOf({ contentType, query, body })
      : smsTextOf(contentType, body ?? new Uint8Array());
  return value
    ? { value }
    : { unreadable: "the body holds no text of a message, in 64 KiB at most" };
}

function readSms(request: RequestFacts, message: Readable<SmsText>): Readable<Sms> {
  if ("unreadable" in message) return message;
  const { receivedAt = Date.now(), preset } = request;
  const { text, sender } = message.value;
  const isPhone = preset === "phone";
  return { value: parseSms({ text, sender: sender ?? undefined, receivedAt, isPhone }) };
}

function parseQuery(query: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query)) {
    const list = values.get(name);
    if (list) list.push(value);
    else values.set(name, [value]);
  }
  return values;
}

function joinHeaders(headers: RequestFacts["headers"]): Map<string, string> {
  const values = new Map<string, string>();
  for (const [rawName, value] of headers) {
    const name = rawName.toLowerCase();
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return values;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
