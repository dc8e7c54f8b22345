import { inArray, sql } from "drizzle-orm";
import { shard } from "../context.ts";
import { destinations, rules, sources } from "../db/schema/control.ts";
import { deliveries } from "../db/schema/events.ts";
import { shardOf } from "../ids.ts";
import { log } from "../log.ts";
import { claimDelivery } from "./claim-delivery.ts";
import { EARLY_TASK_SLACK_MS, MAX_IN_FLIGHT, MAX_IN_FLIGHT_PER_DESTINATION } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { endWaiting, postpone } from "./end-waiting.ts";
import { runInFlight } from "./in-flight.ts";
import { type LoadedEvent, loadEvents } from "./load-events.ts";
import { type OpenDestination, openDestination } from "./open-destination.ts";
import { type BatchMemory, runOne } from "./run-claimed.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import type { DeliveryTask } from "./tasks.ts";
import type { Verdicts } from "./verdict.ts";

type Waiting = {
  id: string;
  eventId: string;
  sourceId: string;
  ruleId: string | null;
  destinationId: string;
  status: string;
  nextAttemptAt: number | null;
};

/**
 * Handles a batch of the retry queue. Early, late and doubled tasks are harmless: a delivery is claimed right before
 * its call, by one consumer only. Every message is acked: what stays waiting has its due time in the database.
 */
export async function retryDeliveries(
  deps: ConsumerDeps,
  tasks: Map<string, DeliveryTask>,
): Promise<Verdicts> {
  const waiting = await loadWaiting(
    deps,
    [...tasks.values()].map((task) => task.deliveryId),
  );
  const [due, early] = split(waiting);
  await sendDeliveryTasks(deps, early);
  const [events, context] = await Promise.all([
    loadEvents(
      deps,
      due.map((delivery) => delivery.eventId),
    ),
    loadDestinations(deps, due),
  ]);
  const memory: BatchMemory = new Map();
  const jobs = due.map((item) => ({ key: item.destinationId, item }));
  const limits = { perKey: MAX_IN_FLIGHT_PER_DESTINATION, total: MAX_IN_FLIGHT };
  await runInFlight(jobs, limits, async (delivery) => {
    try {
      await retryOne(deps, delivery, events.get(delivery.eventId), context, memory);
    } catch (error) {
      log.error("delivery_interrupted", { deliveryId: delivery.id, error });
    }
  });
  return new Map();
}

type RetryContext = Awaited<ReturnType<typeof loadDestinations>>;

async function retryOne(
  deps: ConsumerDeps,
  delivery: Waiting,
  event: LoadedEvent | undefined,
  context: RetryContext,
  memory: BatchMemory,
): Promise<void> {
  const destination = context.destinations.get(delivery.destinationId);
  if (!event) return endWaiting(deps, delivery.id, "event_deleted");
  if (!destination) return endWaiting(deps, delivery.id, "destination_deleted");
  const known = memory.get(destination.id);
  if (!destination.enabled || known?.reason === "disabled") {
    return endWaiting(deps, delivery.id, "destination_disabled");
  }
  const notBefore = Math.max(destination.pausedUntil, known?.until ?? 0);
  if (notBefore > Date.now()) return postpone(deps, delivery.id, notBefore);
  const claimed = await claimDelivery(deps, delivery.id, destination.timeoutMs);
  if (!claimed) return;
  const source = context.sources.get(delivery.sourceId) ?? { slug: "", name: "" };
  const ruleName = context.rules.get(delivery.ruleId ?? "") ?? null;
  const { uncounted, editBody } = claimed;
  await runOne(
    deps,
    { row: claimed, event, source, ruleName, destination, uncounted, editBody },
    memory,
  );
}

async function loadWaiting(deps: ConsumerDeps, ids: string[]): Promise<Waiting[]> {
  const byShard = Map.groupBy(new Set(ids), (id) => shardOf("delivery", id) ?? 0);
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
          nextAttemptAt: deliveries.nextAttemptAt,
        })
        .from(deliveries)
        .where(
          inArray(deliveries.id, sql`(SELECT value FROM json_each(${JSON.stringify(shardIds)}))`),
        ),
    ),
  );
  return rows.flat().filter(({ status }) => status === "pending" || status === "retrying");
}

/** Those that are due, and those whose task came before its time. */
function split(waiting: Waiting[]): [Waiting[], Waiting[]] {
  const latest = Date.now() + EARLY_TASK_SLACK_MS;
  const isDue = ({ nextAttemptAt }: Waiting) => (nextAttemptAt ?? 0) <= latest;
  return [waiting.filter(isDue), waiting.filter((delivery) => !isDue(delivery))];
}

async function loadDestinations(deps: ConsumerDeps, due: Waiting[]) {
  const ids = (values: (string | null)[]) =>
    sql`(SELECT value FROM json_each(${JSON.stringify([...new Set(values)])}))`;
  const [destinationRows, sourceRows, ruleRows] = await deps.db.batch([
    deps.db
      .select()
      .from(destinations)
      .where(inArray(destinations.id, ids(due.map((d) => d.destinationId)))),
    deps.db
      .select({ id: sources.id, slug: sources.slug, name: sources.name })
      .from(sources)
      .where(inArray(sources.id, ids(due.map((d) => d.sourceId)))),
    deps.db
      .select({ id: rules.id, name: rules.name })
      .from(rules)
      .where(inArray(rules.id, ids(due.map((d) => d.ruleId)))),
  ]);
  const opened = await Promise.all(
    destinationRows.map((row) => openDestination(deps.settings, row)),
  );
  return {
    destinations: new Map<string, OpenDestination>(opened.map((row) => [row.id, row])),
    sources: new Map(sourceRows.map((row) => [row.id, row])),
    rules: new Map(ruleRows.map((row) => [row.id, row.name])),
  };
}
