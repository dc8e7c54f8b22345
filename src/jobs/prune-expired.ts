import { lt, sql } from "drizzle-orm";
import type { EventsDb } from "../db/client.ts";
import { alerts, destinationCounts, idempotencyKeys, reservedNames } from "../db/schema/control.ts";
import { malformedTasks, senderRefusals, strayCounts, strays } from "../db/schema/events.ts";
import type { ConsumerDeps } from "../deliveries/index.ts";
import { IDEMPOTENCY_WINDOW_MS } from "../idempotency.ts";
import { firstIdAt } from "../ids.ts";
import { log } from "../log.ts";
import { pruneBodies, pruneEvents } from "../retention/index.ts";
import { pruneDeletedTransforms } from "../transforms/index.ts";
import {
  ALERT_RETENTION_MS,
  CAP_RETENTION_MS,
  MALFORMED_TASK_RETENTION_MS,
  MAX_PRUNED_ROWS,
  SENDER_REFUSAL_RETENTION_MS,
  STRAY_RETENTION_MS,
} from "./constants.ts";
import { pruneDedupKeys } from "./prune-dedup-keys.ts";
import type { JobReport } from "./schemas.ts";

const SHARD_STEPS = {
  strays: pruneStrays,
  malformed_tasks: pruneMalformedTasks,
  dedup_keys: async (_, db) => ({ dedupKeys: await pruneDedupKeys(db, Date.now()) }),
  sender_refusals: pruneSenderRefusals,
  events: pruneEvents,
} satisfies Record<string, (deps: ConsumerDeps, db: EventsDb) => Promise<JobReport>>;

const CONTROL_STEPS = {
  idempotency_keys: pruneIdempotencyKeys,
  reserved_names: pruneReservedNames,
  alerts: pruneAlerts,
  deleted_transforms: async ({ db }) => ({
    deletedTransforms: await pruneDeletedTransforms(db, Date.now()),
  }),
  destination_counts: pruneDestinationCounts,
} satisfies Record<string, (deps: ConsumerDeps) => Promise<JobReport>>;

/**
 * Deletes what has outlived its time, a bounded number of rows a run; the next run takes the rest. A step that fails
 * does not keep the other steps and databases from theirs; the job fails at its end.
 */
export async function pruneExpired(deps: ConsumerDeps): Promise<JobReport> {
  const report: JobReport = {};
  const failed: string[] = [];
  const attempt = async (step: string, shard: number | null, run: () => Promise<JobReport>) => {
    try {
      add(report, await run());
    } catch (error) {
      failed.push(step);
      log.error("prune_step_failed", { step, shard, error });
    }
  };
  for (const [name, step] of Object.entries(CONTROL_STEPS)) {
    await attempt(name, null, () => step(deps));
  }
  for (const [number, db] of deps.shards.entries()) {
    for (const [name, step] of Object.entries(SHARD_STEPS)) {
      await attempt(name, number, () => step(deps, db));
    }
  }
  add(report, { orphanBodies: 0 });
  // While old events are left, looking for the owner of a body would read all of them.
  const isBehind = report.unfinished === 1 || failed.includes("events");
  if (!isBehind) await attempt("bodies", null, () => pruneBodies(deps));
  if (failed.length > 0) throw new Error(`steps of prune failed: ${failed.join(", ")}`);
  return report;
}

async function pruneStrays(_: ConsumerDeps, db: EventsDb): Promise<JobReport> {
  const limit = Date.now() - STRAY_RETENTION_MS;
  const oldest = firstIdAt("stray", limit);
  const stray = await db
    .delete(strays)
    .where(sql`id IN (SELECT id FROM ${strays} WHERE id < ${oldest} LIMIT ${MAX_PRUNED_ROWS})`)
    .run();
  const day = new Date(limit).toISOString().slice(0, 10);
  await db.delete(strayCounts).where(lt(strayCounts.day, day)).run();
  return { strays: changes(stray) };
}

async function pruneMalformedTasks(_: ConsumerDeps, db: EventsDb): Promise<JobReport> {
  const limit = Date.now() - MALFORMED_TASK_RETENTION_MS;
  const malformed = await db
    .delete(malformedTasks)
    .where(
      sql`message_id IN (
        SELECT message_id FROM ${malformedTasks} WHERE received_at < ${limit} LIMIT ${MAX_PRUNED_ROWS})`,
    )
    .run();
  return { malformedTasks: changes(malformed) };
}

/** Walks the whole table: it has a row for each blocked sender and day. */
async function pruneSenderRefusals(_: ConsumerDeps, db: EventsDb): Promise<JobReport> {
  const day = new Date(Date.now() - SENDER_REFUSAL_RETENTION_MS).toISOString().slice(0, 10);
  const counts = await db.delete(senderRefusals).where(lt(senderRefusals.day, day)).run();
  return { senderRefusals: changes(counts) };
}

async function pruneIdempotencyKeys({ db }: ConsumerDeps): Promise<JobReport> {
  const limit = Date.now() - IDEMPOTENCY_WINDOW_MS;
  const keys = await db.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, limit)).run();
  return { idempotencyKeys: changes(keys) };
}

async function pruneReservedNames({ db }: ConsumerDeps): Promise<JobReport> {
  const names = await db.delete(reservedNames).where(lt(reservedNames.until, Date.now())).run();
  return { reservedNames: changes(names) };
}

async function pruneAlerts({ db }: ConsumerDeps): Promise<JobReport> {
  const oldest = firstIdAt("alert", Date.now() - ALERT_RETENTION_MS);
  const told = await db.delete(alerts).where(lt(alerts.id, oldest)).run();
  return { alerts: changes(told) };
}

/** Days are over for good two days later, on every clock. */
async function pruneDestinationCounts({ db }: ConsumerDeps): Promise<JobReport> {
  const day = new Date(Date.now() - CAP_RETENTION_MS).toISOString().slice(0, 10);
  const old = await db.delete(destinationCounts).where(lt(destinationCounts.day, day)).run();
  return { destinationCounts: changes(old) };
}

function changes(result: D1Result): number {
  return result.meta.changes;
}

/** Counts add up over the databases; `unfinished` says only whether another run is needed. */
function add(report: JobReport, more: JobReport): void {
  for (const [name, count] of Object.entries(more)) {
    const before = report[name] ?? 0;
    report[name] = name === "unfinished" ? Math.max(before, count) : before + count;
  }
}
