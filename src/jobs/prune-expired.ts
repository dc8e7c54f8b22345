import { lt, sql } from "drizzle-orm";
import { alerts, idempotencyKeys, reservedNames } from "../db/schema/control.ts";
import { malformedTasks, strayCounts, strays } from "../db/schema/events.ts";
import type { ConsumerDeps } from "../deliveries/index.ts";
import { IDEMPOTENCY_WINDOW_MS } from "../idempotency.ts";
import { firstIdAt } from "../ids.ts";
import { pruneStored } from "../retention/index.ts";
import {
  ALERT_RETENTION_MS,
  MALFORMED_TASK_RETENTION_MS,
  MAX_PRUNED_ROWS,
  STRAY_RETENTION_MS,
} from "./constants.ts";
import { pruneDedupKeys } from "./prune-dedup-keys.ts";
import type { JobReport } from "./schemas.ts";

/** Deletes what has outlived its time, a bounded number of rows a run; the next run takes the rest. */
export async function pruneExpired(deps: ConsumerDeps): Promise<JobReport> {
  const now = Date.now();
  const report: JobReport = { strays: 0, malformedTasks: 0, idempotencyKeys: 0, reservedNames: 0 };
  for (const db of deps.shards) {
    const oldest = firstIdAt("stray", now - STRAY_RETENTION_MS);
    const stray = await db
      .delete(strays)
      .where(sql`id IN (SELECT id FROM ${strays} WHERE id < ${oldest} LIMIT ${MAX_PRUNED_ROWS})`)
      .run();
    const day = new Date(now - STRAY_RETENTION_MS).toISOString().slice(0, 10);
    await db.delete(strayCounts).where(lt(strayCounts.day, day)).run();
    const malformed = await db
      .delete(malformedTasks)
      .where(
        sql`message_id IN (
          SELECT message_id FROM ${malformedTasks}
          WHERE received_at < ${now - MALFORMED_TASK_RETENTION_MS} LIMIT ${MAX_PRUNED_ROWS})`,
      )
      .run();
    add(report, { strays: changes(stray), malformedTasks: changes(malformed) });
    add(report, { dedupKeys: await pruneDedupKeys(db, now) });
  }
  const keys = await deps.db
    .delete(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, now - IDEMPOTENCY_WINDOW_MS))
    .run();
  const names = await deps.db.delete(reservedNames).where(lt(reservedNames.until, now)).run();
  add(report, { idempotencyKeys: changes(keys), reservedNames: changes(names) });
  const told = await deps.db
    .delete(alerts)
    .where(lt(alerts.id, firstIdAt("alert", now - ALERT_RETENTION_MS)))
    .run();
  add(report, { alerts: changes(told), ...(await pruneStored(deps)) });
  return report;
}

function changes(result: D1Result): number {
  return result.meta.changes;
}

function add(report: JobReport, more: JobReport): void {
  for (const [name, count] of Object.entries(more)) report[name] = (report[name] ?? 0) + count;
}
