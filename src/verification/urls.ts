import { sha256Hex } from "../crypto.ts";
import { BODY, type Message } from "./hmac.ts";
import type { Failure, Head, Incoming } from "./verification.ts";

/** What HubSpot decodes in a URL before it signs it. */
const HUBSPOT_DECODED = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

// A byte order mark is part of the first name, as it is of the bytes.
const formText = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/**
 * The ways a sender may have written the URL it called: as it arrived, and with `https`, where a tunnel or a proxy
 * ended TLS. Trying several costs nothing in safety: each one is signed with the secret or it is not.
 */
function spellings(url: string): string[] {
  return [...new Set([url, url.replace(/^http:/, "https:")])];
}

/** `method + uri + body + timestamp`, the URI with HubSpot's decodings. */
export function hubspotMessages({ method, url }: Head, time: string): Message[] {
  const decoded = (text: string) =>
    text.replace(HUBSPOT_DECODED, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
  const uris = new Set(spellings(url).flatMap((text) => [text, decoded(text)]));
  return [...uris].map((uri) => [method, uri, BODY, time]);
}

/**
 * The URL, then names and values of a form's parameters in the order of their names. Twilio signs with or without the
 * standard port; of parameters with one name it takes each value once, sorted (twilio-node, `webhooks.js`).
 */
export function twilioMessages(incoming: Incoming): Message[] {
  const tail = isForm(incoming) && !bodyHashOf(incoming) ? formTail(incoming.body) : "";
  return spellings(incoming.url)
    .flatMap(withAndWithoutPort)
    .map((url) => [url + tail]);
}

/** A body that is no form is bound to the signed URL by `bodySHA256` in its query; without it nobody signed it. */
export async function checkTwilioBody(incoming: Incoming): Promise<Failure | null> {
  const claimed = bodyHashOf(incoming);
  if (claimed === null) {
    if (incoming.body.length === 0 || isForm(incoming)) return null;
    return { check: "body", detail: "its body is no form, and the URL has no `bodySHA256`" };
  }
  if (claimed.toLowerCase() === (await sha256Hex(incoming.body))) return null;
  return { check: "body", detail: "its body is not the one that `bodySHA256` names" };
}

/** One pass over the parameters: a body of 1 MiB names a hundred thousand, and nobody has been verified yet. */
function formTail(body: Uint8Array): string {
  const valuesOf = new Map<string, Set<string>>();
  for (const [name, value] of new URLSearchParams(formText.decode(body))) {
    const values = valuesOf.get(name);
    if (values) values.add(value);
    else valuesOf.set(name, new Set([value]));
  }
  return [...valuesOf]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, values]) => [...values].toSorted().map((value) => name + value))
    .join("");
}

function isForm({ headers }: Head): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(headers.get("content-type") ?? "");
}

function bodyHashOf({ url }: Head): string | null {
  return new URL(url).searchParams.get("bodySHA256");
}

function withAndWithoutPort(url: string): string[] {
  const parts = /^(https?:)\/\/([^/?#:]+)(:\d+)?(.*)$/s.exec(url);
  if (!parts) return [url];
  const [, scheme, host, port, rest] = parts;
  const standard = scheme === "https:" ? ":443" : ":80";
  return [url, `${scheme}//${host}${rest}`, `${scheme}//${host}${port ?? standard}${rest}`];
}
