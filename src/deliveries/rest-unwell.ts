import { and, inArray, lte, sql } from "drizzle-orm";
import { shard } from "../context.ts";
import { deliveries } from "../db/schema/events.ts";
import { shardOf } from "../ids.ts";
import { jittered } from "./backoff.ts";
import { EARLY_TASK_SLACK_MS } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import type { Waiting } from "./load-waiting.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { restUntil } from "./unwell.ts";

/**
 * Sets retries to destinations that are out of order back untried, but for a probe now and then: an outage must not use
 * the schedule up, nor hold the batch. Gives those that are to be tried.
 */
export async function restUnwell(deps: ConsumerDeps, due: readonly Waiting[]): Promise<Waiting[]> {
  const awake: Waiting[] = [];
  const resting: { id: string; nextAttemptAt: number }[] = [];
  for (const delivery of due) {
    const until = isAwaited(delivery)
      ? null
      : restUntil(delivery.destinationId, delivery.createdAt);
    if (until === null) awake.push(delivery);
    else resting.push({ id: delivery.id, nextAttemptAt: until });
  }
  const byShard = Map.groupBy(resting, ({ id }) => shardOf("delivery", id) ?? 0);
  for (const [number, rows] of byShard) await rest(deps, number, rows);
  return awake;
}

/** Somebody has asked for it, or its gate has sent for it: its turn would be lost. */
function isAwaited({ byHand, gate }: Waiting): boolean {
  return byHand === true || gate !== undefined;
}

/** One statement and one message batch: a thousand waiting deliveries come here again and again. */
async function rest(
  deps: ConsumerDeps,
  number: number,
  rows: { id: string; nextAttemptAt: number }[],
): Promise<void> {
  const now = Date.now();
  const until =
    now + jittered(Math.max(...rows.map((row) => row.nextAttemptAt - now)), Math.random());
  const ids = JSON.stringify(rows.map(({ id }) => id));
  const moved = await shard(deps, number)
    .update(deliveries)
    .set({ nextAttemptAt: until })
    .where(
      and(
        inArray(deliveries.id, sql`(SELECT value FROM json_each(${ids}))`),
        inArray(deliveries.status, ["pending", "retrying"]),
        lte(deliveries.nextAttemptAt, now + EARLY_TASK_SLACK_MS),
      ),
    )
    .returning({ id: deliveries.id, nextAttemptAt: deliveries.nextAttemptAt });
  await sendDeliveryTasks(deps, moved);
}
