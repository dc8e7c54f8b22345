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

/**
 * The deliveries of a batch's tasks that wait: due or early; `asked`: early, and a gate has sent for them or asks after
 * them; and the tasks of those that have ended or are gone. A batch may have several tasks of one delivery.
 */
export async function loadWaiting(
  deps: ConsumerDeps,
  tasks: readonly DeliveryTask[],
): Promise<{ due: Waiting[]; early: Waiting[]; asked: Waiting[]; ended: DeliveryTask[] }> {
  const byId = Map.groupBy(tasks, ({ deliveryId }) => deliveryId);
  const rows = await selectRows(deps, [...byId.keys()]);
  const latest = Date.now() + EARLY_TASK_SLACK_MS;
  const waiting = rows
    .filter(({ status }) => status === "pending" || status === "retrying")
    .map((row): Waiting => {
      const own = byId.get(row.id) ?? [];
      const gate = gateOf(own, row);
      return {
        ...row,
        ...(gate && { gate }),
        ...(own.some(({ byHand }) => byHand) && { byHand: true }),
      };
    });
  const isDue = ({ nextAttemptAt, attempt, gate }: Waiting) =>
    (nextAttemptAt ?? 0) <= latest || (gate != null && attempt === gate.attempt);
  const open = new Set([...waiting, ...rows.filter(isUnderWay)].map(({ id }) => id));
  const early = waiting.filter((delivery) => !isDue(delivery));
  return {
    due: waiting.filter(isDue),
    // A gate that asks after a delivery before its time needs no further task.
    early: early.filter(({ id }) => byId.get(id)?.some(({ gate }) => !gate)),
    asked: early.filter(({ gate }) => gate),
    ended: tasks.filter(({ deliveryId }) => !open.has(deliveryId)),
  };
}

/**
 * What a gate has asked in any of a delivery's tasks, rather that which makes it due, then the latest: a task that
 * nobody stands behind, as the sweep sends them, must not hide it.
 */
function gateOf(tasks: readonly DeliveryTask[], { attempt }: { attempt: number }) {
  const asked = tasks.flatMap(({ gate }) => gate ?? []).toSorted((a, b) => b.attempt - a.attempt);
  return asked.find((gate) => gate.attempt === attempt) ?? asked[0];
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
