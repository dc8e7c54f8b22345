import type { EventsDb } from "../db/client.ts";
import type { JobReport } from "../jobs/schemas.ts";
import { MAX_QUEUE_BATCH } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { findDue, findExpiredLeases, findUnrouted, interruptDeliveries } from "./sweep-queries.ts";

/**
 * Finds what the queue lost and what a crash left behind: events not routed, deliveries past due, leases expired.
 * Everything it sends may be sent twice; tasks are harmless when doubled.
 */
export async function sweepDeliveries(deps: ConsumerDeps): Promise<JobReport> {
  const total = { unrouted: 0, interrupted: 0, due: 0 };
  for (const db of deps.shards) {
    const report = await sweepShard(deps, db);
    total.unrouted += report.unrouted;
    total.interrupted += report.interrupted;
    total.due += report.due;
  }
  return total;
}

async function sweepShard(deps: ConsumerDeps, db: EventsDb) {
  const unrouted = await findUnrouted(db, deps.sweepGraceMs);
  for (let i = 0; i < unrouted.length; i += MAX_QUEUE_BATCH) {
    const tasks = unrouted.slice(i, i + MAX_QUEUE_BATCH);
    await deps.eventsQueue.sendBatch(tasks.map((body) => ({ body })));
  }
  const expired = await findExpiredLeases(db);
  const interrupted = await interruptDeliveries(db, expired);
  await sendDeliveryTasks(deps, interrupted);
  const due = await findDue(db, deps.sweepGraceMs);
  await sendDeliveryTasks(deps, due);
  return { unrouted: unrouted.length, interrupted: interrupted.length, due: due.length };
}
