import { sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { attempts, deliveries } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { log } from "../log.ts";
import { FAILING_TRIES, MAX_READ_TRIES, TRIES_WINDOW_MS } from "./constants.ts";

/** The latest try of a delivery that says something about its destination. */
export type Try = {
  deliveryId: string;
  eventId: string;
  destinationId: string;
  ok: number;
  reason: string | null;
  startedAt: number;
  /** When the delivery was made. */
  createdAt: number;
  /** All its tries, without those that do not count (a vendor's 429). */
  tries: number;
  /** Starts of its earlier tries that failed, the latest ones. */
  failedBefore: number[];
};

/**
 * The latest tries by destination, newest first. They are looked for among the deliveries of the last hour, those that
 * wait for a retry (however old; not for a listener), and `evidence`: the deliveries that have shown a destination failing.
 */
export async function recentTries(
  { shards }: Pick<Deps, "shards">,
  evidence: readonly string[],
): Promise<Map<string, Try[]>> {
  const tries = await Promise.all(
    shards.map((db) =>
      triesInShard(db, evidence).catch((error: unknown) => {
        // The database's own check reports it; the other shards still have something to say.
        log.error("tries_not_read", { error });
        return [];
      }),
    ),
  );
  const newestFirst = tries.flat().toSorted((a, b) => b.startedAt - a.startedAt);
  return Map.groupBy(newestFirst, ({ destinationId }) => destinationId);
}

/**
 * Raw: SQLite takes the partial index `deliveries_due` only for its literal statuses. A try that an error of ours or the
 * event itself has ended is left out, it says nothing about the destination.
 */
async function triesInShard(db: EventsDb, evidence: readonly string[]): Promise<Try[]> {
  const columns = sql.raw(
    "id, event_id, destination_id, outcome, reason, started_at, created_at, attempt - uncounted AS tries",
  );
  const rows = await db.all<Omit<Try, "failedBefore"> & { failedBefore: string }>(sql`
    WITH looked_at AS (
      SELECT * FROM (SELECT ${columns} FROM ${deliveries}
        WHERE id >= ${firstIdAt("delivery", Date.now() - TRIES_WINDOW_MS)} ORDER BY id DESC LIMIT ${MAX_READ_TRIES})
      UNION SELECT * FROM (SELECT ${columns} FROM ${deliveries}
        WHERE status IN ('pending', 'retrying') AND next_attempt_at IS NOT NULL ORDER BY next_attempt_at LIMIT ${MAX_READ_TRIES})
      UNION SELECT ${columns} FROM ${deliveries} WHERE id IN (SELECT value FROM json_each(${JSON.stringify(evidence)}))),
    ranked AS (
      SELECT *, row_number() OVER (PARTITION BY destination_id ORDER BY started_at DESC, id DESC) AS rank
      FROM looked_at
      WHERE outcome IN ('succeeded', 'failed')
        AND coalesce(reason, '')
          NOT IN ('unsendable_request', 'body_missing', 'transform_failed', 'internal_error'))
    SELECT id AS deliveryId, event_id AS eventId, destination_id AS destinationId, outcome = 'succeeded' AS ok, reason,
      started_at AS startedAt, created_at AS createdAt, tries,
      (SELECT json_group_array(started_at) FROM (
        SELECT started_at FROM ${attempts} WHERE delivery_id = ranked.id AND outcome = 'failed'
        ORDER BY number DESC LIMIT ${FAILING_TRIES})) AS failedBefore
    FROM ranked WHERE rank <= ${FAILING_TRIES}`);
  return rows.map((row) => ({ ...row, failedBefore: JSON.parse(row.failedBefore) as number[] }));
}
