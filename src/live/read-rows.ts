import { and, desc, eq, gte, inArray, or, type SQL, sql } from "drizzle-orm";
import { type Context, shard } from "../context.ts";
import { deliveries, events } from "../db/schema/events.ts";
import { presentSummary, SUMMARY_COLUMNS } from "../deliveries/index.ts";
import type { DeliverySummary } from "../deliveries/schemas.ts";
import { EVENT_COLUMNS, maskEvents, toEvent } from "../events/index.ts";
import type { Event } from "../events/schemas.ts";
import { firstIdAt, shardOf } from "../ids.ts";
import type { LiveSource } from "./live-sources.ts";

/** An event as far as one must know it to see whether it has changed. All columns stand before the large ones. */
export type Glance = { id: string; status: string; routedAt: number | null; receivedAt: number };

const oneOf = (values: readonly string[]): SQL =>
  sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;

/** The newest events of these sources from a time on (ms UTC), newest first. */
export async function glanceAtEvents(
  ctx: Context,
  sources: readonly LiveSource[],
  from: number,
  limit: number,
): Promise<Glance[]> {
  const found = await Promise.all(
    [...Map.groupBy(sources, (source) => source.shard)].map(([number, some]) =>
      shard(ctx, number)
        .select({
          id: events.id,
          status: events.status,
          routedAt: events.routedAt,
          receivedAt: events.receivedAt,
        })
        .from(events)
        .where(
          and(
            gte(events.id, firstIdAt("event", from)),
            eq(events.organizationId, ctx.organizationId),
            inArray(events.sourceId, oneOf(some.map(({ id }) => id))),
          ),
        )
        .orderBy(desc(events.id))
        .limit(limit),
    ),
  );
  return found
    .flat()
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, limit);
}

/** Events as lists show them, in the order of their ids. */
export async function readEvents(
  ctx: Context,
  sources: readonly LiveSource[],
  ids: readonly string[],
): Promise<Event[]> {
  const rows = await Promise.all(
    byShard(ctx, "event", ids).map(([number, some]) =>
      shard(ctx, number)
        .select(EVENT_COLUMNS)
        .from(events)
        .where(
          and(
            inArray(events.id, oneOf(some)),
            eq(events.organizationId, ctx.organizationId),
            inArray(events.sourceId, oneOf(sources.map(({ id }) => id))),
          ),
        ),
    ),
  );
  return (await maskEvents(ctx, rows.flat().toSorted(byId))).map(toEvent);
}

/** Deliveries as lists show them: those with these ids, and those of these events; in the order of their ids. */
export async function readDeliveries(
  ctx: Context,
  sources: readonly LiveSource[],
  wanted: { ids: readonly string[]; eventIds: readonly string[] },
): Promise<DeliverySummary[]> {
  const ids = new Map(byShard(ctx, "delivery", wanted.ids));
  const eventIds = new Map(byShard(ctx, "event", wanted.eventIds));
  const rows = await Promise.all(
    [...new Set([...ids.keys(), ...eventIds.keys()])].map((number) =>
      shard(ctx, number)
        .select(SUMMARY_COLUMNS)
        .from(deliveries)
        .where(
          and(
            or(
              inArray(deliveries.id, oneOf(ids.get(number) ?? [])),
              inArray(deliveries.eventId, oneOf(eventIds.get(number) ?? [])),
            ),
            eq(deliveries.organizationId, ctx.organizationId),
            inArray(deliveries.sourceId, oneOf(sources.map(({ id }) => id))),
          ),
        ),
    ),
  );
  return rows.flat().toSorted(byId).map(presentSummary);
}

/** What is no id of a shard that is there is left out. */
function byShard(ctx: Context, kind: "event" | "delivery", ids: readonly string[]) {
  const groups = Map.groupBy(ids, (id) => shardOf(kind, id) ?? -1);
  return [...groups].filter(([number]) => ctx.shards[number] !== undefined);
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}
