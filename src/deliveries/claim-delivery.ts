import { and, eq, inArray, isNotNull, lte, or, type SQL, sql } from "drizzle-orm";
import { type Deps, shardOfId } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { attempts, deliveries } from "../db/schema/events.ts";
import { newId } from "../ids.ts";
import { EARLY_TASK_SLACK_MS } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { waitingColumns } from "./waiting-columns.ts";

type Claiming = Pick<Deps, "shards"> & Pick<ConsumerDeps, "leaseMarginMs">;
export type Delivery = typeof deliveries.$inferSelect;

/**
 * Takes a waiting delivery for its next try: moves the record of the latest try to `attempts` and starts the next
 * number under a new lease, in one batch. Returns null when it is not waiting or not due: another consumer has it.
 * One that its gate has sent for, or lets go, is due as long as it still has had `untried` tries.
 */
export async function claimDelivery(
  deps: Claiming,
  id: string,
  timeoutMs: number,
  untried: number | null = null,
): Promise<Delivery | null> {
  const isDue = or(
    lte(deliveries.nextAttemptAt, Date.now() + EARLY_TASK_SLACK_MS),
    untried === null ? undefined : eq(deliveries.attempt, untried),
  );
  return claimWhere(deps, id, timeoutMs, isDue);
}

/** The same for a delivery that waits for its listener, whose due time stands elsewhere. */
export async function claimForListener(
  deps: Claiming,
  id: string,
  timeoutMs: number,
): Promise<Delivery | null> {
  const isDue = sql`${deliveries.receipt} ->> 'kind' = 'listen'
    AND ${deliveries.receipt} ->> 'dueAt' <= ${Date.now() + EARLY_TASK_SLACK_MS}`;
  return claimWhere(deps, id, timeoutMs, isDue, waitingColumns("listen", null));
}

async function claimWhere(
  deps: Claiming,
  id: string,
  timeoutMs: number,
  isDue: SQL | undefined,
  more: Partial<typeof deliveries.$inferInsert> = {},
): Promise<Delivery | null> {
  const db = shardOfId(deps, "delivery", id);
  const now = Date.now();
  const claimable = and(
    eq(deliveries.id, id),
    inArray(deliveries.status, ["pending", "retrying"]),
    isDue,
  );
  const [, claimed] = await db.batch([
    archiveStatement(db, claimable),
    db
      .update(deliveries)
      .set({
        status: "delivering",
        endReason: null,
        nextAttemptAt: null,
        leaseId: crypto.randomUUID(),
        leaseUntil: now + timeoutMs + deps.leaseMarginMs,
        late: 1,
        attempt: sql`${deliveries.attempt} + 1`,
        attemptId: newId("attempt", now),
        startedAt: now,
        durationMs: null,
        outcome: null,
        reason: null,
        request: null,
        requestBody: null,
        response: null,
        responseBody: null,
        ...more,
      })
      .where(claimable)
      .returning(),
  ]);
  return claimed[0] ?? null;
}

/** Moves the latest try's record. A claim that was set back untried has no outcome and leaves none. */
function archiveStatement(db: EventsDb, claimable: ReturnType<typeof and>) {
  return db.insert(attempts).select(
    db
      .select({
        deliveryId: deliveries.id,
        number: deliveries.attempt,
        id: sql<string>`${deliveries.attemptId}`.as("id"),
        startedAt: sql<number>`${deliveries.startedAt}`.as("started_at"),
        durationMs: deliveries.durationMs,
        outcome: sql<"failed">`${deliveries.outcome}`.as("outcome"),
        reason: deliveries.reason,
        request: deliveries.request,
        requestBody: deliveries.requestBody,
        response: deliveries.response,
        responseBody: deliveries.responseBody,
      })
      .from(deliveries)
      .where(and(claimable, isNotNull(deliveries.outcome))),
  );
}
