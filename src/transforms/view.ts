import type { Facts } from "../rules/index.ts";
import { maskCodes, type Sms } from "../sms/index.ts";
import { toRfc3339 } from "../time.ts";
import { plainJson } from "./plain-json.ts";

/** What every step sees. `text` and `json` are the body at first, then what the step before has made. */
export type View = {
  event: {
    /** Null for a made-up one. */
    id: string | null;
    method: string;
    path: string;
    /** A name that comes several times has a list. */
    query: Record<string, string | string[]>;
    /** Names in lower case; without the caller's credentials. */
    headers: Record<string, string>;
    contentType: string | null;
    /** RFC 3339. */
    receivedAt: string;
  };
  text: string;
  /** Null when the text is no JSON. */
  json: unknown;
  sender: { id: string | null; name: string };
  source: { slug: string; name: string };
  /** What the event's body says as an SMS; null when it is none. */
  readonly sms: SmsView | null;
};

/** `masked`: the message with its one-time codes hidden. `sender`: the number it came from, as the phone says. */
export type SmsView = Sms & { text: string; sender: string | null; masked: string };

/** What an event's facts do not tell. */
export type Origin = {
  id: string | null;
  contentType: string | null;
  /** Milliseconds UTC. */
  receivedAt: number;
  sender: View["sender"];
  source: View["source"];
};

/** A step must not be able to copy them into a message. */
const CREDENTIALS: ReadonlySet<string> = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
]);

/** The view of the first step. The body's text must be readable. */
export function firstView(facts: Facts, text: string, origin: Origin): View {
  const json = facts.json();
  return {
    event: {
      id: origin.id,
      method: facts.method,
      path: facts.path,
      query: Object.fromEntries(
        [...facts.query()].map(([name, values]) => [name, lone(values)] as const),
      ),
      headers: Object.fromEntries([...facts.headers()].filter(([name]) => !CREDENTIALS.has(name))),
      contentType: origin.contentType,
      receivedAt: toRfc3339(origin.receivedAt),
    },
    text,
    json: "unreadable" in json ? null : json.value,
    sender: origin.sender,
    source: { slug: origin.source.slug, name: origin.source.name },
    get sms() {
      return smsView(facts);
    },
  };
}

/** The view of the next step. */
export function nextView(before: View, output: { text: string } | { json: unknown }): View {
  const after =
    "json" in output ? plainJson(output.json) : { ...output, json: jsonOf(output.text) };
  return { ...before, ...after };
}

function lone(values: readonly string[]): string | string[] {
  const [first = "", ...more] = values;
  return more.length === 0 ? first : [first, ...more];
}

function smsView(facts: Facts): SmsView | null {
  const sms = facts.sms();
  const message = facts.forwarded();
  if ("unreadable" in sms || "unreadable" in message) return null;
  const { text, sender } = message.value;
  return { ...sms.value, text, sender, masked: maskCodes(sms.value)?.(text) ?? text };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
