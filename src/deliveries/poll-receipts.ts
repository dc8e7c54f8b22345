import { and, asc, eq, inArray, lte, ne, sql } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { destinations } from "../db/schema/control.ts";
import { deliveries } from "../db/schema/events.ts";
import { keeperOf, openConfig, type Receipt } from "../destinations/index.ts";
import type { JobReport } from "../jobs/schemas.ts";
import { tellWatchers } from "../live/index.ts";
import { log } from "../log.ts";
import {
  MAX_POLL_MS,
  MAX_POLLED_RECEIPTS,
  MAX_POLLS_IN_FLIGHT,
  UNPOLLED_WAIT_MS,
} from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { runInFlight } from "./in-flight.ts";

const COLUMNS = {
  id: deliveries.id,
  sourceId: deliveries.sourceId,
  destinationId: deliveries.destinationId,
  attempt: deliveries.attempt,
  receipt: deliveries.receipt,
  receiptDueAt: deliveries.receiptDueAt,
};

type DueRow = Awaited<ReturnType<typeof findDue>>[number];
type Destination = typeof destinations.$inferSelect;

/**
 * Asks services what became of what they have taken on: a bounded number of receipts and a bounded time in each run.
 * Whatever goes wrong here is asked again, and harms no delivery.
 */
export async function pollReceipts(deps: ConsumerDeps): Promise<JobReport> {
  const endsAt = Date.now() + MAX_POLL_MS;
  let polled = 0;
  for (const db of deps.shards) {
    const due = await findDue(db);
    const known = await loadDestinations(deps, due);
    const jobs = due.map((row) => ({ key: row.destinationId, item: row }));
    await runInFlight(jobs, { perKey: 1, total: MAX_POLLS_IN_FLIGHT }, async (row) => {
      if (Date.now() > endsAt) return;
      await pollOne(deps, db, row, known.get(row.destinationId) ?? null);
      polled++;
    });
    await tellWatchers(deps, due);
  }
  return { polled };
}

/** A delivery that is being tried writes its receipt itself. */
function findDue(db: EventsDb) {
  return db
    .select(COLUMNS)
    .from(deliveries)
    .where(
      and(
        sql`receipt_due_at IS NOT NULL`,
        lte(deliveries.receiptDueAt, Date.now()),
        ne(deliveries.status, "delivering"),
      ),
    )
    .orderBy(asc(deliveries.receiptDueAt))
    .limit(MAX_POLLED_RECEIPTS);
}

async function loadDestinations(
  { db }: ConsumerDeps,
  due: DueRow[],
): Promise<Map<string, Destination>> {
  if (due.length === 0) return new Map();
  const ids = JSON.stringify([...new Set(due.map(({ destinationId }) => destinationId))]);
  const rows = await db
    .select()
    .from(destinations)
    .where(inArray(destinations.id, sql`(SELECT value FROM json_each(${ids}))`));
  return new Map(rows.map((row) => [row.id, row]));
}

async function pollOne(
  deps: ConsumerDeps,
  db: EventsDb,
  row: DueRow,
  destination: Destination | null,
): Promise<void> {
  try {
    const receipts = keeperOf(row.receipt);
    if (!receipts) return await save(db, row, row.receipt, null);
    const config = destination && (await openConfig(deps.settings, destination));
    const { receipt, dueAt } = await receipts.poll(config, row.receipt, deps.settings);
    await save(db, row, receipt, dueAt);
    warnOfFailures(row, receipts.show(row.receipt), receipts.show(receipt));
  } catch (error) {
    log.error("receipt_not_polled", { deliveryId: row.id, error });
    await save(db, row, row.receipt, Date.now() + UNPOLLED_WAIT_MS).catch(() => {});
  }
}

/** Only what is still as it was read: a try that began meanwhile knows more. */
async function save(
  db: EventsDb,
  row: DueRow,
  receipt: unknown,
  receiptDueAt: number | null,
): Promise<void> {
  await db
    .update(deliveries)
    .set({ receipt, receiptDueAt })
    .where(
      and(
        eq(deliveries.id, row.id),
        eq(deliveries.attempt, row.attempt),
        eq(deliveries.receiptDueAt, row.receiptDueAt ?? 0),
        ne(deliveries.status, "delivering"),
      ),
    )
    .run();
}

/** Whose phone a message did not reach stands in the receipt, not in the log. */
function warnOfFailures(row: DueRow, before: Receipt, now: Receipt): void {
  const failed = (receipt: Receipt) => receipt.messages.filter(({ status }) => status === "failed");
  const news = failed(now).slice(failed(before).length);
  if (news.length === 0) return;
  log.warn("message_not_delivered", {
    deliveryId: row.id,
    destinationId: row.destinationId,
    count: news.length,
    codes: [...new Set(failed(now).map(({ statusCode }) => statusCode))],
  });
}
