import { sha256Hex } from "../crypto.ts";
import { valuesAt } from "../json-path.ts";
import { messageKey, phoneTextOf } from "../sms/index.ts";
import { MAX_DEDUP_JSON_BYTES } from "./constants.ts";
import type { IngestSource } from "./find-source.ts";
import type { ReceivedBody } from "./receive-body.ts";
import type { Captured } from "./store-event.ts";
import type { DedupKey } from "./store-once.ts";
import { orUnavailable } from "./unavailable.ts";

/**
 * The key of a request: SHA-256 of the source's `dedup.from` and the value it names, so that keys of an earlier `from`
 * never match. Null when the source asks for none, or the request has no such value: it is never a duplicate.
 */
export async function readDedupKey(
  { dedup }: Pick<IngestSource, "dedup">,
  captured: Captured,
  bodies: R2Bucket,
): Promise<DedupKey | null> {
  if (!dedup) return null;
  const windowMs = dedup.windowSeconds * 1000;
  const value = await readValue(dedup.from, captured, bodies);
  return value ? { key: await sha256Hex(`${dedup.from}\n${value}`), windowMs } : null;
}

async function readValue(
  from: string,
  captured: Captured,
  bodies: R2Bucket,
): Promise<string | null> {
  const { body } = captured;
  if (from === "sms") return phoneMessage(captured);
  // An empty body says nothing: two such requests differ in path or query, or are two.
  if (from === "body") return body.size > 0 ? body.sha256 : null;
  const name = from.slice(from.indexOf(":") + 1);
  if (from.startsWith("header:")) return new Headers(captured.headers).get(name);
  return jsonValue(await readText(body, bodies), name);
}

/** A message of one phone; null when the request holds none. Who sent it counts, as two phones may get the same text. */
function phoneMessage({ contentType, query, senderId, body }: Captured): string | null {
  const message = phoneTextOf({ contentType, query, body: body.inline });
  return message && `${senderId ?? ""}\n${messageKey(message)}`;
}

/** What a path leads to, as JSON; null when there is nothing, or nothing but `null` and empty text. */
export function jsonValue(text: string | null, path: string): string | null {
  if (text === null) return null;
  let values: unknown[];
  try {
    values = valuesAt(JSON.parse(text, keepDigits), path);
  } catch {
    return null;
  }
  return values.some((value) => value !== null && value !== "") ? JSON.stringify(values) : null;
}

/** Ids beyond 2^53 stay apart: as numbers, neighbours would be one. The third argument is ES2025's source text. */
function keepDigits(this: unknown, _: string, value: unknown, ...rest: unknown[]): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const [context] = rest as [{ source?: string }?];
  return context?.source ?? value;
}

/** The body as text, from where it is; null when it is none or larger than what is looked into. */
async function readText(body: ReceivedBody, bodies: R2Bucket): Promise<string | null> {
  if (body.size === 0 || body.size > MAX_DEDUP_JSON_BYTES) return null;
  const { inline, key } = body;
  const stored = async () => key && (await bodies.get(key))?.arrayBuffer();
  const bytes = inline ?? (await orUnavailable(key ?? "none", stored));
  if (!bytes) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}
