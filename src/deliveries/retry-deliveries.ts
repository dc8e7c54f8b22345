import { inArray, sql } from "drizzle-orm";
import { destinations, rules, sources } from "../db/schema/control.ts";
import type { Resting } from "../gates/index.ts";
import { takeNotes } from "../live/index.ts";
import { log } from "../log.ts";
import { readDeleted, selectDeletedTransforms } from "../transforms/index.ts";
import { callSlots, someOf } from "./call-slots.ts";
import { MAX_IN_FLIGHT, MAX_IN_FLIGHT_PER_DESTINATION } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { runInFlight } from "./in-flight.ts";
import { loadEvents } from "./load-events.ts";
import { loadWaiting, type Waiting } from "./load-waiting.ts";
import { openDestination } from "./open-destination.ts";
import { restUnwell } from "./rest-unwell.ts";
import { type RuleFacts, retryOne } from "./retry-one.ts";
import { newMemory, releaser } from "./run-claimed.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { restInGate, settleGate } from "./settle-gates.ts";
import type { DeliveryTask } from "./tasks.ts";
import type { Release, Verdicts } from "./verdict.ts";

/**
 * Handles a batch of the retry queue. Early, late and doubled tasks are harmless: a delivery is claimed right before
 * its call, by one consumer only. Every message is acked: what stays waiting has its due time in the database.
 */
export async function retryDeliveries(
  deps: ConsumerDeps,
  tasks: Map<string, DeliveryTask>,
  release?: Release,
): Promise<Verdicts> {
  const { due, early, asked, ended } = await loadWaiting(deps, [...tasks.values()]);
  await sendDeliveryTasks(
    deps,
    early.map(({ gate: _, ...own }) => own),
  );
  await answerGates(deps, asked, ended);
  const awake = await restUnwell(deps, due);
  if (awake.length === 0) return new Map();
  const [events, loaded] = await Promise.all([
    loadEvents(
      deps,
      awake.map((delivery) => delivery.eventId),
    ),
    loadDestinations(deps, awake),
  ]);
  const slots = callSlots(MAX_IN_FLIGHT);
  const gatedSlots = someOf(slots, MAX_IN_FLIGHT - 1);
  const notes = takeNotes(deps, loaded.sources);
  const context = { ...loaded, memory: newMemory(notes), slots, gatedSlots };
  const isGated = (id: string) => Boolean(loaded.destinations.get(id)?.gate);
  // All at once: who waits for a gate holds no call slot, and the gate says how many of a destination may go.
  const jobs = awake.map((item) => ({
    key: isGated(item.destinationId) ? item.id : item.destinationId,
    item,
  }));
  const limits = { perKey: MAX_IN_FLIGHT_PER_DESTINATION, total: Math.max(1, jobs.length) };
  const work = async (delivery: Waiting) => {
    notes.delivery(delivery);
    try {
      await retryOne(deps, delivery, events.get(delivery.eventId), context);
    } catch (error) {
      log.error("delivery_interrupted", { deliveryId: delivery.id, error });
    } finally {
      notes.delivery(delivery);
    }
  };
  const onStall = releaser(
    context.memory,
    loaded.destinations.values(),
    () => release?.(new Map()) ?? false,
  );
  await runInFlight(jobs, limits, work, onStall);
  await notes.end();
  return new Map();
}

/** Gates that sent for deliveries which had been tried before, or asked after some which have ended or are gone. */
async function answerGates(
  deps: ConsumerDeps,
  asked: readonly Waiting[],
  ended: readonly DeliveryTask[],
): Promise<void> {
  for (const [destinationId, some] of Map.groupBy(asked, (delivery) => delivery.destinationId)) {
    const tried = some.flatMap(restingOf);
    if (tried.length > 0) await restInGate(deps, destinationId, tried);
  }
  const gone = ended.filter(({ gate }) => gate);
  const byGate = Map.groupBy(gone, ({ gate }) => gate?.destinationId ?? "");
  for (const [destinationId, tasks] of byGate) {
    await settleGate(
      deps,
      destinationId,
      tasks.map(({ deliveryId }) => deliveryId),
    );
  }
}

/** None for a delivery that its gate only asks after: its due time is its own. */
function restingOf({ id, attempt, nextAttemptAt, gate }: Waiting): Resting[] {
  if (!gate || gate.attempt < 0) return [];
  return [{ deliveryId: id, asked: gate.attempt, attempt, dueAt: nextAttemptAt ?? Date.now() }];
}

async function loadDestinations(deps: ConsumerDeps, due: Waiting[]) {
  const ids = (values: (string | null)[]) =>
    sql`(SELECT value FROM json_each(${JSON.stringify([...new Set(values)])}))`;
  const ruleIds = due.map((d) => d.ruleId);
  const [destinationRows, sourceRows, ruleRows, deletedRows] = await deps.db.batch([
    deps.db
      .select()
      .from(destinations)
      .where(inArray(destinations.id, ids(due.map((d) => d.destinationId)))),
    deps.db
      .select({
        id: sources.id,
        slug: sources.slug,
        name: sources.name,
        preset: sources.preset,
        watchedUntil: sources.watchedUntil,
      })
      .from(sources)
      .where(inArray(sources.id, ids(due.map((d) => d.sourceId)))),
    deps.db
      .select({ id: rules.id, name: rules.name, transform: rules.transform })
      .from(rules)
      .where(inArray(rules.id, ids(ruleIds))),
    selectDeletedTransforms(deps.db, ruleIds),
  ]);
  const opened = await Promise.all(
    destinationRows.map((row) => openDestination(deps.settings, row)),
  );
  return {
    destinations: new Map(opened.map((row) => [row.id, row])),
    sources: new Map(sourceRows.map((row) => [row.id, row])),
    rules: new Map<string, RuleFacts>([
      ...[...readDeleted(deletedRows)].map(
        ([id, transform]) => [id, { name: null, transform }] as const,
      ),
      ...ruleRows.map((row) => [row.id, row] as const),
    ]),
  };
}
