import { inArray, sql } from "drizzle-orm";
import { shard } from "../context.ts";
import { deliveries } from "../db/schema/events.ts";
import { shardOf } from "../ids.ts";
import { EARLY_TASK_SLACK_MS } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import type { DeliveryTask } from "./tasks.ts";

export type Waiting = {
  id: string;
  eventId: string;
  sourceId: string;
  ruleId: string | null;
  destinationId: string;
  status: string;
  createdAt: number;
  nextAttemptAt: number | null;
  /** Tries it has had. */
  attempt: number;
  /** Set when a gate has sent for it. */
  gate?: NonNullable<DeliveryTask["gate"]>;
  byHand?: true;
};

/** The deliveries of a batch's tasks that wait: due or early; and the tasks of those that have ended or are gone. */
export async function loadWaiting(
  deps: ConsumerDeps,
  tasks: readonly DeliveryTask[],
): Promise<{ due: Waiting[]; early: Waiting[]; ended: DeliveryTask[] }> {
  const byId = new Map(tasks.map((task) => [task.deliveryId, task]));
  const rows = await selectRows(deps, [...byId.keys()]);
  const latest = Date.now() + EARLY_TASK_SLACK_MS;
  const waiting = rows
    .filter(({ status }) => status === "pending" || status === "retrying")
    .map((row): Waiting => {
      const task = byId.get(row.id);
      return {
        ...row,
        ...(task?.gate && { gate: task.gate }),
        ...(task?.byHand && { byHand: true }),
      };
    });
  const isDue = ({ nextAttemptAt, attempt, gate }: Waiting) =>
    (nextAttemptAt ?? 0) <= latest || (gate != null && attempt === gate.attempt);
  const open = new Set([...waiting, ...rows.filter(isUnderWay)].map(({ id }) => id));
  return {
    due: waiting.filter(isDue),
    early: waiting.filter((delivery) => !isDue(delivery)),
    ended: [...byId.values()].filter(({ deliveryId }) => !open.has(deliveryId)),
  };
}

function isUnderWay({ status }: Waiting): boolean {
  return status === "delivering";
}

async function selectRows(deps: ConsumerDeps, ids: string[]): Promise<Waiting[]> {
  const byShard = Map.groupBy(ids, (id) => shardOf("delivery", id) ?? 0);
  const rows = await Promise.all(
    [...byShard].map(([number, shardIds]) =>
      shard(deps, number)
        .select({
          id: deliveries.id,
          eventId: deliveries.eventId,
          sourceId: deliveries.sourceId,
          ruleId: deliveries.ruleId,
          destinationId: deliveries.destinationId,
          status: deliveries.status,
          createdAt: deliveries.createdAt,
          nextAttemptAt: deliveries.nextAttemptAt,
          attempt: deliveries.attempt,
        })
        .from(deliveries)
        .where(
          inArray(deliveries.id, sql`(SELECT value FROM json_each(${JSON.stringify(shardIds)}))`),
        ),
    ),
  );
  return rows.flat();
}
