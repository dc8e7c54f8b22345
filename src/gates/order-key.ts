import { sha256Hex } from "../crypto.ts";
import { valuesAt } from "../json-path.ts";
import { factsOf, type RequestFacts } from "../rules/index.ts";
import { MAX_KEY_CHARS } from "./constants.ts";

type Ordered = RequestFacts & { senderId: string | null };

/** True when the key is in the body, which must then be read. */
export function readsBody(orderKey: string): boolean {
  return orderKey.startsWith("json:");
}

/** The value of an event's order key (`json:<path>`, `header:<name>`, `sender`); null: the event is not ordered. */
export async function orderKeyOf(orderKey: string, event: Ordered): Promise<string | null> {
  const value = valueOf(orderKey, event);
  if (value === null || value.length <= MAX_KEY_CHARS) return value;
  return `sha256:${await sha256Hex(new Uint8Array(new TextEncoder().encode(value)))}`;
}

function valueOf(orderKey: string, event: Ordered): string | null {
  if (orderKey === "sender") return event.senderId ?? event.senderName;
  const [kind, name] = splitOnce(orderKey);
  const facts = factsOf(event);
  if (kind === "header") return facts.headers().get(name.toLowerCase()) ?? null;
  const json = facts.json();
  const value = "value" in json ? valuesAt(json.value, name)[0] : undefined;
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function splitOnce(text: string): [string, string] {
  const colon = text.indexOf(":");
  return [text.slice(0, colon), text.slice(colon + 1)];
}
