import { eq } from "drizzle-orm";
import { type Deps, shardOfId } from "../context.ts";
import { events } from "../db/schema/events.ts";
import { maskCodes, parseSms, phoneTextOf } from "../sms/index.ts";
import { phoneSources } from "../sources/index.ts";
import type { EventRow } from "./load-event.ts";
import type { EventSms } from "./schemas.ts";

/** What the message of a phone's event says, its codes masked; null when it is no phone's, or holds none. */
export async function describeSms(
  deps: Pick<Deps, "db" | "shards">,
  event: EventRow,
): Promise<EventSms | null> {
  const phones = await phoneSources(deps, [event.sourceId]);
  if (!phones.has(event.sourceId)) return null;
  const row = await shardOfId(deps, "event", event.id)
    .select({ body: events.body })
    .from(events)
    .where(eq(events.id, event.id))
    .get();
  const { contentType, query, receivedAt } = event;
  const message = phoneTextOf({ contentType, query, body: row?.body ?? null });
  if (!message) return null;
  const { text, sender } = message;
  const sms = parseSms({ text, sender: sender ?? undefined, receivedAt, isPhone: true });
  const shown = { ...sms, sender, text };
  const mask = maskCodes(sms);
  if (!mask) return shown;
  const masked = Object.entries(shown).map(([name, value]) => [
    name,
    typeof value === "string" ? mask(value) : value,
  ]);
  return Object.fromEntries(masked) as EventSms;
}
