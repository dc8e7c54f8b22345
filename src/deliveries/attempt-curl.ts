import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { attempts, events } from "../db/schema/events.ts";
import { looksSecret, MASK } from "../destinations/index.ts";
import { BatonError } from "../errors.ts";
import { type CurlBody, curlCommand } from "./curl-command.ts";
import { getDeliveryInOrganization } from "./get-delivery.ts";
import { type AttemptRow, latestAttempt } from "./present-delivery.ts";

/**
 * An attempt as a `curl` command. It will be pasted into chats and tickets, so every header and query parameter whose
 * name looks like a secret's is masked, also a captured one that the attempt itself shows.
 */
export async function attemptCurl(ctx: Context, id: string, number: number): Promise<string> {
  const { db, row } = await getDeliveryInOrganization(ctx, id);
  const latest = latestAttempt(row);
  const attempt = latest?.number === number ? latest : await earlierAttempt(db, id, number);
  if (!attempt) {
    throw new BatonError("not_found", `Delivery ${id} has no attempt ${number} on record.`);
  }
  const { request } = attempt;
  if (!request) {
    throw new BatonError(
      "not_found",
      `Attempt ${number} has no request on record: it ended before.`,
    );
  }
  if (!/^https?:/.test(request.url)) {
    throw new BatonError("not_found", `Attempt ${number} made no HTTP call.`);
  }
  const headers = request.headers.map(([name, value]): [string, string] => [
    name,
    looksSecret(name) ? MASK : value,
  ]);
  const own = attempt.requestBody ?? row.editBody;
  const body = own ?? (await eventBody(ctx, db, row.eventId));
  return curlCommand(
    { ...request, url: maskQuery(request.url), headers },
    body instanceof Uint8Array && !body.length ? null : body,
  );
}

/** The query is masked in its raw form: everything else of the URL stays byte for byte what was sent. */
export function maskQuery(url: string): string {
  const start = url.indexOf("?");
  if (start < 0) return url;
  const end = url.indexOf("#", start);
  const query = url.slice(start + 1, end < 0 ? undefined : end);
  const masked = query.replace(/([^&;=]*)=([^&;]*)/g, (part, name: string) =>
    looksSecret(readName(name)) ? `${name}=${MASK}` : part,
  );
  return url.slice(0, start + 1) + masked + (end < 0 ? "" : url.slice(end));
}

/** A name can hide in percent-encoding; one that is broken stays as it is. */
function readName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function earlierAttempt(
  db: EventsDb,
  deliveryId: string,
  number: number,
): Promise<AttemptRow | undefined> {
  return db
    .select()
    .from(attempts)
    .where(and(eq(attempts.deliveryId, deliveryId), eq(attempts.number, number)))
    .get();
}

async function eventBody(ctx: Context, db: EventsDb, eventId: string): Promise<CurlBody> {
  const event = await db
    .select({ body: events.body, bodyKey: events.bodyKey })
    .from(events)
    .where(eq(events.id, eventId))
    .get();
  if (event?.bodyKey) return { url: `${ctx.settings.appUrl}/api/v1/events/${eventId}/body` };
  return event?.body ?? null;
}
