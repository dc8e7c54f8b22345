import { and, eq } from "drizzle-orm";
import { type Context, shardOfId } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { destinations, rules } from "../db/schema/control.ts";
import { type deliveries, events } from "../db/schema/events.ts";
import { assertCallable } from "../destinations/index.ts";
import { notFound, refused } from "../errors.ts";
import { commitOnce, findAnswer } from "../idempotency.ts";
import { newId, shardOf } from "../ids.ts";
import { tellWatchers } from "../live/index.ts";
import { insertWhere, isThere } from "./insert-where.ts";
import { type LoadedEvent, loadEvents } from "./load-events.ts";
import { loadRouting } from "./load-routing.ts";
import { matchEvents } from "./match-events.ts";
import { presentSummary } from "./present-delivery.ts";
import type { ReplayEvent, Replayed } from "./schemas.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { waitingColumns } from "./waiting-columns.ts";

type Replay = typeof deliveries.$inferInsert;
type Plan = Target & { id: string; createdAt: number };
/** `kind` only of a destination that was named: one that a rule leads to is called. */
type Target = { ruleId: string | null; destinationId: string; kind?: string };

/**
 * Delivers a stored event again: to the destinations of the rules that match it now, or to the one that is named.
 * The plan is remembered under the `Idempotency-Key` before the deliveries are written, and written again without
 * effect when the request comes twice: a crash between the two databases loses nothing and doubles nothing.
 */
export async function replayEvent(ctx: Context, id: string, input: ReplayEvent): Promise<Replayed> {
  const event = await loadOwnEvent(ctx, id);
  const plans =
    ((await findAnswer(ctx)) as Plan[] | undefined) ??
    (await commitOnce(ctx, [], await planReplay(ctx, event, input)));
  const rows = plans.map(({ kind = "", ...plan }) => ({
    ...plan,
    eventId: event.id,
    organizationId: ctx.organizationId,
    sourceId: event.sourceId,
    status: "pending" as const,
    nextAttemptAt: null,
    ...waitingColumns(kind, plan.createdAt),
    attempt: 0,
    editHeaders: input.edit?.headers ?? null,
    editBody:
      input.edit?.body === undefined
        ? null
        : new Uint8Array(new TextEncoder().encode(input.edit.body)),
  }));
  await insertReplayed(shardOfId(ctx, "event", event.id), event.id, rows);
  await sendDeliveryTasks(
    ctx,
    rows.filter(({ nextAttemptAt }) => nextAttemptAt !== null),
  );
  await tellWatchers(ctx, rows);
  return {
    deliveries: rows.map((row) =>
      presentSummary({ ...row, endReason: null, reason: null, response: null }),
    ),
  };
}

/** 404 when the event is gone by now: a delivery without its event could never be sent. */
async function insertReplayed(
  db: EventsDb,
  eventId: string,
  rows: readonly Replay[],
): Promise<void> {
  const inserts = rows.map((row) => insertWhere(db, row, isThere(eventId)));
  const [found] = await db.batch([
    db.select({ id: events.id }).from(events).where(eq(events.id, eventId)),
    ...inserts,
  ]);
  if (found.length === 0) throw notFound("event", eventId);
}

async function loadOwnEvent(ctx: Context, id: string): Promise<LoadedEvent> {
  shardOfId(ctx, "event", id);
  const event = (await loadEvents(ctx, [id])).get(id);
  if (event?.organizationId !== ctx.organizationId) throw notFound("event", id);
  return event;
}

async function planReplay(ctx: Context, event: LoadedEvent, input: ReplayEvent): Promise<Plan[]> {
  const createdAt = Date.now();
  const shard = shardOf("event", event.id) ?? 0;
  const targets = await findTargets(ctx, event, input);
  return targets.map((target) => ({
    ...target,
    id: newId("delivery", createdAt, shard),
    createdAt,
  }));
}

async function findTargets(
  ctx: Context,
  event: LoadedEvent,
  { ruleId, destinationId }: ReplayEvent,
): Promise<Target[]> {
  const kind = destinationId === undefined ? undefined : await getKind(ctx, destinationId);
  if (ruleId !== undefined) {
    const rule = await getRule(ctx, ruleId);
    // A listener gets the event as it came: the transform of a rule is none of its own.
    if (kind !== undefined) assertCallable(kind, "destinationId");
    return [{ ruleId, destinationId: destinationId ?? rule.destinationId }];
  }
  if (destinationId !== undefined) return [{ ruleId: null, destinationId, kind }];
  const routing = await loadRouting(ctx, [event.sourceId]);
  const matched = (await matchEvents(ctx, [event], routing)).get(event.id) ?? [];
  if (matched.length === 0) {
    throw refused(
      "destinationId",
      "no enabled rule matches this event now; name a destination or a rule",
    );
  }
  return matched.map((rule) => ({ ruleId: rule.id, destinationId: rule.destinationId }));
}

async function getKind(ctx: Context, id: string): Promise<string> {
  const row = await ctx.db
    .select({ kind: destinations.kind })
    .from(destinations)
    .where(and(eq(destinations.id, id), eq(destinations.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw refused("destinationId", "is no destination of this organization");
  return row.kind;
}

async function getRule(ctx: Context, id: string) {
  const row = await ctx.db
    .select({ destinationId: rules.destinationId })
    .from(rules)
    .where(and(eq(rules.id, id), eq(rules.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw refused("ruleId", "is no rule of this organization");
  return row;
}
