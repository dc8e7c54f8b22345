import { and, asc, desc, eq, sql } from "drizzle-orm";
import { type Context, shardOfId } from "../context.ts";
import { deliveries } from "../db/schema/events.ts";
import { notFound } from "../errors.ts";
import { commitOnce, findAnswer } from "../idempotency.ts";
import { newId, shardOf } from "../ids.ts";
import { toRfc3339 } from "../time.ts";
import type { Delivery } from "./claim-delivery.ts";
import { insertWhere, isThere } from "./insert-where.ts";
import type { NotTaken, TakeEvent, Taken } from "./listen-schemas.ts";
import { claimingDeps, getListener, loadSourceFacts } from "./listener.ts";
import { listenerRequest } from "./listener-request.ts";
import { type LoadedEvent, loadEvents } from "./load-events.ts";
import { isMatch } from "./match-events.ts";
import { presentSummary } from "./present-delivery.ts";
import { waitingColumns } from "./waiting-columns.ts";

type Plan = Pick<Delivery, "id" | "createdAt" | "attemptId" | "leaseId" | "leaseUntil">;

/**
 * Gives an event to a listener: its delivery is born claimed, with what is to be sent. There is one delivery of an
 * event to a destination: of listeners that ask at once one gets it, and the others hear that it exists. The plan is
 * remembered under the `Idempotency-Key` before it is written, so that whoever lost the answer gets it again.
 */
export async function takeEvent(ctx: Context, input: TakeEvent): Promise<Taken | NotTaken> {
  const listener = await getListener(ctx, input.destinationId);
  const event = await loadOwnEvent(ctx, input.eventId);
  const { status } = event;
  if (status === "rejected" || status === "muted") return { claimed: false, reason: status };
  if (input.match) {
    const source = await loadSourceFacts(ctx, event.sourceId);
    const isWanted = await isMatch(ctx, event, source, input.match);
    if (!isWanted) return { claimed: false, reason: "not_matched" };
  }
  const plan =
    ((await findAnswer(ctx)) as Plan | undefined) ??
    (await commitOnce(ctx, [], planClaim(ctx, event, input.timeoutMs)));
  const found = await insertClaimed(ctx, event, listener.id, plan);
  // A delivery without its event could never be sent.
  if (!found) throw notFound("event", event.id);
  const isOwn = found.id === plan.id && found.leaseId === plan.leaseId;
  if (isOwn) return presentTaken(found, event);
  return { claimed: false, reason: "exists", delivery: presentSummary(found) };
}

/** A claim as its listener gets it. */
export function presentTaken(row: Delivery, event: LoadedEvent): Taken {
  return {
    claimed: true,
    leaseId: row.leaseId ?? "",
    leaseUntil: toRfc3339(row.leaseUntil ?? 0),
    delivery: presentSummary(row),
    request: listenerRequest(row, event),
  };
}

async function loadOwnEvent(ctx: Context, id: string): Promise<LoadedEvent> {
  shardOfId(ctx, "event", id);
  const event = (await loadEvents(ctx, [id])).get(id);
  if (event?.organizationId !== ctx.organizationId) throw notFound("event", id);
  return event;
}

function planClaim(ctx: Context, event: LoadedEvent, timeoutMs: number): Plan {
  const now = Date.now();
  return {
    id: newId("delivery", now, shardOf("event", event.id) ?? 0),
    createdAt: now,
    attemptId: newId("attempt", now),
    leaseId: crypto.randomUUID(),
    leaseUntil: now + timeoutMs + claimingDeps(ctx).leaseMarginMs,
  };
}

/** Gives the event's delivery to the listener: this one, or the oldest that was there before it. */
async function insertClaimed(
  ctx: Context,
  event: LoadedEvent,
  destinationId: string,
  plan: Plan,
): Promise<Delivery | undefined> {
  const db = shardOfId(ctx, "event", event.id);
  const row = {
    ...plan,
    eventId: event.id,
    organizationId: event.organizationId,
    sourceId: event.sourceId,
    destinationId,
    status: "delivering" as const,
    ...waitingColumns("listen", null),
    attempt: 1,
    // A listener's lease is long: by the index it holds up nobody whose lease the sweep finds by key range.
    late: 1,
    startedAt: plan.createdAt,
  };
  const same = and(eq(deliveries.eventId, event.id), eq(deliveries.destinationId, destinationId));
  const isFirst = sql`${isThere(event.id)} AND NOT EXISTS (SELECT 1 FROM ${deliveries} WHERE ${same})`;
  const [, found] = await db.batch([
    insertWhere(db, row, isFirst),
    // One only: an event that was replayed often has many, each with its bodies.
    db
      .select()
      .from(deliveries)
      .where(same)
      .orderBy(desc(eq(deliveries.id, plan.id)), asc(deliveries.id))
      .limit(1),
  ]);
  return found[0];
}
