import { maskCodes, parseSms, phoneTextOf } from "../sms/index.ts";
import { NO_SOURCE } from "../source-preset.ts";
import type { OutgoingEvent } from "./driver.ts";
import type { Readable } from "./readable-body.ts";

type Event = Pick<OutgoingEvent, "contentType" | "query" | "receivedAt" | "source">;

/** The message of a phone's event, whatever its forwarder wrapped around it; null of another's, or when there is none. */
export function phoneMessage(event: Event, body: Uint8Array | null): Readable | null {
  if (event.source.preset !== "phone") return null;
  const message = phoneTextOf({ contentType: event.contentType, query: event.query, body });
  return message && { text: message.text, kind: "text", unreadBytes: 0 };
}

/** Text of a phone's event as people may read it: without its codes. A source that is gone may have been a phone's. */
export function maskedForPeople({ source, receivedAt }: Event, text: string): string {
  const isGone = source.slug === NO_SOURCE.slug;
  if (source.preset !== "phone" && !isGone) return text;
  return maskCodes(parseSms({ text, receivedAt, isPhone: true }))?.(text) ?? text;
}
