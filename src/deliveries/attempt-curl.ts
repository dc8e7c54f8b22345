import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { attempts } from "../db/schema/events.ts";
import { looksSecret, MASK } from "../destinations/index.ts";
import { BatonError } from "../errors.ts";
import { maskedBody } from "../sms/index.ts";
import { type CurlBody, curlCommand } from "./curl-command.ts";
import { getDeliveryInOrganization, loadOrigin } from "./get-delivery.ts";
import { contentTypeOf, copyMask, type Mask, maskUrl } from "./mask-copies.ts";
import { type AttemptRow, latestAttempt } from "./present-delivery.ts";

/**
 * An attempt as a `curl` command. It will be pasted into chats and tickets, so every header and query parameter whose
 * name looks like a secret's is masked, also a captured one that the attempt itself shows; and a phone's codes.
 */
export async function attemptCurl(ctx: Context, id: string, number: number): Promise<string> {
  const { db, row } = await getDeliveryInOrganization(ctx, id);
  const latest = latestAttempt(row);
  const attempt = latest?.number === number ? latest : await earlierAttempt(db, id, number);
  if (!attempt) {
    throw new BatonError("not_found", `Delivery ${id} has no attempt ${number} on record.`);
  }
  const { request } = attempt;
  if (!request || !("url" in request)) {
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
  const event = await loadOrigin(db, row.eventId);
  const mask = await copyMask(ctx, row.sourceId, event, row.editBody);
  const own = attempt.requestBody ?? row.editBody;
  const body = own ?? eventBody(ctx, row.eventId, event);
  const url = maskQuery(maskUrl(request, mask).url);
  return curlCommand({ ...request, url, headers }, shownBody(body, request.headers, mask));
}

/** Null for no body, which curl is told otherwise than of an empty one. */
function shownBody(body: CurlBody, headers: [string, string][], mask: Mask | null): CurlBody {
  if (!(body instanceof Uint8Array)) return body;
  if (body.length === 0) return null;
  return mask ? maskedBody(contentTypeOf(headers), body, mask) : body;
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

function eventBody(
  ctx: Context,
  eventId: string,
  event: Awaited<ReturnType<typeof loadOrigin>>,
): CurlBody {
  if (event?.bodyKey) return { url: `${ctx.settings.appUrl}/api/v1/events/${eventId}/body` };
  return event?.body ?? null;
}
