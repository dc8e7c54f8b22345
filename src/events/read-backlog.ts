import { sql } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { MAX_COUNTED_OVERDUE, MAX_SCANNED_EVENTS, OVERDUE_MS } from "./constants.ts";

/** What waits in one shard. `oldestUnrouted` is a time in milliseconds, undefined when every event is routed. */
export type Backlog = { oldestUnrouted: number | undefined; overdue: number };

/**
 * Raw SQL: the planner takes the partial index `deliveries_due` only for its literal statuses. Both reads are bounded;
 * the first begins where the sweep has seen everything routed.
 */
export async function readBacklog(db: EventsDb, overdueMs = OVERDUE_MS): Promise<Backlog> {
  const [unrouted, overdue] = await Promise.all([
    db.get<{ receivedAt: number } | undefined>(sql`
      SELECT received_at AS receivedAt FROM (
        SELECT received_at, status FROM events
        WHERE id >= coalesce((SELECT value FROM watermarks WHERE name = 'events_routed'), '')
        ORDER BY id LIMIT ${MAX_SCANNED_EVENTS})
      WHERE status = 'stored' LIMIT 1`),
    db.get<{ count: number }>(sql`
      SELECT count(*) AS count FROM (
        SELECT 1 FROM deliveries
        WHERE status IN ('pending', 'retrying') AND next_attempt_at < ${Date.now() - overdueMs}
        LIMIT ${MAX_COUNTED_OVERDUE})`),
  ]);
  return { oldestUnrouted: unrouted?.receivedAt, overdue: overdue.count };
}
