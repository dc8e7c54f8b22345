import { and, desc, eq, gte, lt, type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { deliveries } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { type Page, readCursor, toPage } from "../pagination.ts";
import { presentSummary } from "./present-delivery.ts";
import type { DeliverySummary, ListDeliveries } from "./schemas.ts";

/** The columns of a summary. */
export const SUMMARY_COLUMNS = {
  id: deliveries.id,
  eventId: deliveries.eventId,
  sourceId: deliveries.sourceId,
  ruleId: deliveries.ruleId,
  destinationId: deliveries.destinationId,
  status: deliveries.status,
  endReason: deliveries.endReason,
  reason: deliveries.reason,
  attempt: deliveries.attempt,
  response: deliveries.response,
  createdAt: deliveries.createdAt,
  nextAttemptAt: deliveries.nextAttemptAt,
  // A receipt of a thousand recipients is no part of a list.
  receipt: sql<unknown>`CASE WHEN ${deliveries.receipt} IS NOT NULL
    THEN json_object('kind', ${deliveries.receipt} ->> 'kind', 'status', ${deliveries.receipt} ->> 'status',
      'dueAt', ${deliveries.receipt} ->> 'dueAt') END`.mapWith(deliveries.receipt),
};

/** The organization's deliveries, newest first, over all shards. */
export async function listDeliveries(
  ctx: Context,
  query: ListDeliveries,
): Promise<Page<DeliverySummary>> {
  const where = filters(ctx.organizationId, query);
  // Of those that wait there are few, and an index has just them: for the order by id SQLite would read all of time.
  const id = isWaiting(query) ? sql`+${deliveries.id}` : deliveries.id;
  const rows = await Promise.all(
    ctx.shards.map((db) =>
      db
        .select(SUMMARY_COLUMNS)
        .from(deliveries)
        .where(where)
        .orderBy(desc(id))
        .limit(query.limit + 1),
    ),
  );
  const merged = rows.flat().toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const page = toPage(merged, query.limit);
  return { ...page, data: page.data.map(presentSummary) };
}

/** Times become ranges of the primary key: ids are time-ordered. */
function filters(organizationId: string, query: ListDeliveries): SQL | undefined {
  const before = readCursor("delivery", query.cursor);
  const { eventId, sourceId, destinationId, status, from, to } = query;
  return and(
    eq(deliveries.organizationId, organizationId),
    before === undefined ? undefined : lt(deliveries.id, before),
    eventId === undefined ? undefined : eq(deliveries.eventId, eventId),
    sourceId === undefined ? undefined : eq(deliveries.sourceId, sourceId),
    destinationId === undefined ? undefined : eq(deliveries.destinationId, destinationId),
    status === undefined ? undefined : eq(deliveries.status, status),
    // Written out: SQLite takes the partial index only for the very words it was made with.
    isWaiting(query) ? sql`status IN ('pending', 'retrying')` : undefined,
    from === undefined ? undefined : gte(deliveries.id, firstIdAt("delivery", from)),
    to === undefined ? undefined : lt(deliveries.id, firstIdAt("delivery", to)),
  );
}

function isWaiting({ status }: Pick<ListDeliveries, "status">): boolean {
  return status === "pending" || status === "retrying";
}
