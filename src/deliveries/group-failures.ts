import { type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { deliveries } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { toRfc3339 } from "../time.ts";
import { MAX_GROUPED_DELIVERIES } from "./constants.ts";
import type { FailureGroups, ListDeliveries } from "./schemas.ts";

type Row = {
  reason: string;
  destinationId: string;
  count: number;
  exhausted: number;
  lastAt: number;
  exampleDeliveryId: string;
};
type Found = { rows: Row[]; scanned: number; oldest: number | null };

/**
 * The organization's failed deliveries by cause and destination, largest group first. Its newest ones of each shard are
 * looked at, up to a limit; `truncated` says that there are more.
 */
export async function groupFailures(ctx: Context, query: ListDeliveries): Promise<FailureGroups> {
  const found = await Promise.all(
    ctx.shards.map((db) => groupInShard(db, ctx.organizationId, query)),
  );
  const cut = found.filter(({ scanned }) => scanned >= MAX_GROUPED_DELIVERIES);
  const since = Math.max(...cut.map(({ oldest }) => oldest ?? 0));
  const groups = merge(found.flatMap(({ rows }) => rows));
  return {
    groups: groups.slice(0, query.limit).map((group) => ({
      ...group,
      lastAt: toRfc3339(group.lastAt),
    })),
    truncated: cut.length > 0 || groups.length > query.limit,
    since: cut.length > 0 ? toRfc3339(since) : null,
  };
}

async function groupInShard(
  db: EventsDb,
  organizationId: string,
  query: ListDeliveries,
): Promise<Found> {
  // The cause of an exhausted delivery is why its last try failed.
  const rows = await db.all<Row & { id: string }>(sql`
    WITH looked_at AS (${newestFailures(organizationId, query)})
    SELECT
      CASE WHEN end_reason = 'exhausted' THEN coalesce(reason, end_reason)
        ELSE coalesce(end_reason, reason, 'unknown') END AS reason,
      destination_id AS destinationId, count(*) AS count, sum(end_reason IS 'exhausted') AS exhausted,
      max(coalesce(started_at + duration_ms, created_at)) AS lastAt, id AS exampleDeliveryId
    FROM looked_at WHERE ${filters(query)}
    GROUP BY 1, 2`);
  const [size] = await db.all<{ scanned: number; oldest: number | null }>(sql`
    SELECT count(*) AS scanned, min(created_at) AS oldest FROM (${newestFailures(organizationId, query)})`);
  return { rows, scanned: size?.scanned ?? 0, oldest: size?.oldest ?? null };
}

/**
 * Raw, for the two levels of SELECT: the inner one is bounded by its index alone, so that a filter that matches nothing
 * never reads on and on. SQLite takes the partial index for the literal status only, and gives the outer SELECT's bare
 * `id` from the row that has the `max()`.
 */
export function newestFailures(
  organizationId: string,
  range: Pick<ListDeliveries, "from" | "to">,
): SQL {
  return sql`
    SELECT id, event_id, source_id, destination_id, end_reason, created_at, started_at,
      coalesce(duration_ms, 0) AS duration_ms, reason
    FROM ${deliveries} WHERE status = 'failed' AND organization_id = ${organizationId} AND ${idRange(range)}
    ORDER BY id DESC LIMIT ${MAX_GROUPED_DELIVERIES}`;
}

function idRange({ from, to }: Pick<ListDeliveries, "from" | "to">): SQL {
  const parts = [
    ...(from === undefined ? [] : [sql`id >= ${firstIdAt("delivery", from)}`]),
    ...(to === undefined ? [] : [sql`id < ${firstIdAt("delivery", to)}`]),
  ];
  return parts.length === 0 ? sql`1` : sql.join(parts, sql` AND `);
}

function filters({ eventId, sourceId, destinationId }: ListDeliveries): SQL {
  const parts = [
    ...(eventId === undefined ? [] : [sql`event_id = ${eventId}`]),
    ...(sourceId === undefined ? [] : [sql`source_id = ${sourceId}`]),
    ...(destinationId === undefined ? [] : [sql`destination_id = ${destinationId}`]),
  ];
  return parts.length === 0 ? sql`1` : sql.join(parts, sql` AND `);
}

/** One group of several shards is one group. */
function merge(rows: Row[]): Row[] {
  const byKey = Map.groupBy(rows, ({ reason, destinationId }) => `${reason} ${destinationId}`);
  return [...byKey.values()]
    .flatMap((group) => {
      const [newest] = group.toSorted((a, b) => b.lastAt - a.lastAt);
      const total = (of: "count" | "exhausted") => group.reduce((sum, row) => sum + row[of], 0);
      return newest ? [{ ...newest, count: total("count"), exhausted: total("exhausted") }] : [];
    })
    .toSorted((a, b) => b.count - a.count || b.lastAt - a.lastAt);
}
