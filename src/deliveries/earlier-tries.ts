import { and, asc, eq, gte, isNotNull, lt, ne, or, sql } from "drizzle-orm";
import { shardOfId } from "../context.ts";
import { attempts, deliveries } from "../db/schema/events.ts";
import { type Earlier, type Rivals, receiptsOf } from "../destinations/index.ts";
import { firstIdAt } from "../ids.ts";
import { MAX_RIVAL_AGE_MS } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import type { ClaimedDelivery } from "./run-claimed.ts";

/**
 * What earlier tries of a delivery have left, for kinds that keep account of it. First tries and other kinds read
 * nothing.
 */
export async function loadEarlier(
  deps: ConsumerDeps,
  { row, destination }: ClaimedDelivery,
): Promise<Earlier | undefined> {
  const receipts = receiptsOf(destination.kind);
  if (!receipts || row.attempt <= 1) return undefined;
  const tries = await shardOfId(deps, "delivery", row.id)
    .select({
      number: attempts.number,
      outcome: attempts.outcome,
      reason: attempts.reason,
      startedAt: attempts.startedAt,
      durationMs: attempts.durationMs,
      requestBody: attempts.requestBody,
      responseStatus: sql<number | null>`${attempts.response} ->> 'status'`,
    })
    .from(attempts)
    .where(and(eq(attempts.deliveryId, row.id), lt(attempts.number, row.attempt)))
    .orderBy(asc(attempts.number));
  return {
    receipt: row.receipt ?? null,
    doubts: tries
      .filter(receipts.isDoubtful)
      .map(({ number, startedAt, durationMs, requestBody }) => ({
        number,
        requestBody,
        from: startedAt,
        // A try that was interrupted has no end on record; its call had ended when its lease did.
        to: startedAt + (durationMs ?? destination.timeoutMs + deps.leaseMarginMs),
      })),
    rivals: (since, requestIds) => findRivals(deps, row, since, requestIds),
  };
}

/**
 * What other deliveries of the organization have taken, or those to the same destination may be taking just now. Which
 * of two that are looked up at the same time goes first is decided by their claims: the later one waits. A first try
 * always comes before, as it is about to send.
 */
async function findRivals(
  deps: ConsumerDeps,
  own: ClaimedDelivery["row"],
  since: number,
  requestIds: readonly string[],
): Promise<Rivals> {
  const from = firstIdAt("delivery", since - MAX_RIVAL_AGE_MS);
  // Filtered where they are: an organization may have a hundred thousand receipts of that time.
  const taken = sql<string | null>`(
    SELECT json_group_array(value) FROM json_each(${deliveries.receipt}, '$.requestIds')
    WHERE value IN (SELECT value FROM json_each(${JSON.stringify(requestIds)})))`;
  const rows = await Promise.all(
    deps.shards.map((db) =>
      db
        .select({
          id: deliveries.id,
          status: deliveries.status,
          attempt: deliveries.attempt,
          startedAt: deliveries.startedAt,
          destinationId: deliveries.destinationId,
          taken: taken.as("taken"),
        })
        .from(deliveries)
        .where(
          and(
            gte(deliveries.id, from),
            eq(deliveries.organizationId, own.organizationId),
            ne(deliveries.id, own.id),
            or(
              // Two destinations may have one account and one recipient.
              and(isNotNull(deliveries.receipt), sql`taken <> '[]'`),
              and(
                eq(deliveries.destinationId, own.destinationId),
                eq(deliveries.status, "delivering"),
              ),
            ),
          ),
        ),
    ),
  );
  const others = rows.flat();
  const place = ({ startedAt, id }: { startedAt?: number | null; id: string }) =>
    `${String(startedAt ?? 0).padStart(16, "0")} ${id}`;
  const isBusy = others.some(
    (other) =>
      other.status === "delivering" &&
      other.destinationId === own.destinationId &&
      (other.attempt === 1 || place(other) < place(own)),
  );
  const ids = others.flatMap((other) => JSON.parse(other.taken ?? "[]") as string[]);
  return { taken: new Set(ids), isBusy };
}
