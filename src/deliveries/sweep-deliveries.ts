import { crashPoint } from "../crash-point.ts";
import type { EventsDb } from "../db/client.ts";
import type { JobReport } from "../jobs/schemas.ts";
import { tellWatchers } from "../live/index.ts";
import { log } from "../log.ts";
import { MAX_QUEUE_BATCH } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { settleGates } from "./settle-gates.ts";
import { findDue, findExpiredLeases, findUnrouted, interruptDeliveries } from "./sweep-queries.ts";

/**
 * Finds what the queue lost and what a crash left behind: events not routed, deliveries past due, leases expired.
 * Everything it sends may be sent twice; tasks are harmless when doubled. A step that fails does not keep the other
 * steps and databases from theirs; the job fails at its end.
 */
export async function sweepDeliveries(deps: ConsumerDeps): Promise<JobReport> {
  const steps = { unrouted: sendUnrouted, interrupted: interruptExpired, due: sendDue };
  const report: JobReport = {};
  let failures = 0;
  for (const [name, step] of Object.entries(steps)) {
    report[name] = 0;
    for (const [number, db] of deps.shards.entries()) {
      try {
        report[name] += await step(deps, db);
      } catch (error) {
        failures++;
        log.error("sweep_step_failed", { step: name, shard: number, error });
      }
    }
  }
  if (failures > 0) throw new Error(`${failures} steps of the sweep failed`);
  return report;
}

async function sendUnrouted(deps: ConsumerDeps, db: EventsDb): Promise<number> {
  const tasks = await findUnrouted(db, deps.sweepGraceMs);
  for (let i = 0; i < tasks.length; i += MAX_QUEUE_BATCH) {
    const some = tasks.slice(i, i + MAX_QUEUE_BATCH);
    await deps.eventsQueue.sendBatch(some.map((body) => ({ body })));
  }
  const sent = tasks.length > 0 ? crashPoint("sweep-after-send") : undefined;
  if (sent) await sent;
  return tasks.length;
}

async function interruptExpired(deps: ConsumerDeps, db: EventsDb): Promise<number> {
  const expired = await findExpiredLeases(db);
  const interrupted = await interruptDeliveries(db, expired);
  const marked = interrupted.length > 0 ? crashPoint("sweep-after-interrupt") : undefined;
  if (marked) await marked;
  await sendDeliveryTasks(
    deps,
    interrupted.filter(({ nextAttemptAt }) => nextAttemptAt !== null),
  );
  await settleGates(
    deps,
    interrupted.filter(({ nextAttemptAt }) => nextAttemptAt === null),
  );
  await tellWatchers(deps, interrupted);
  return interrupted.length;
}

async function sendDue(deps: ConsumerDeps, db: EventsDb): Promise<number> {
  const due = await findDue(db, deps.sweepGraceMs);
  await sendDeliveryTasks(deps, due);
  return due.length;
}
