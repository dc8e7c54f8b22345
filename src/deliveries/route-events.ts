import { crashPoint } from "../crash-point.ts";
import { type Notes, takeNotes } from "../live/index.ts";
import { log } from "../log.ts";
import {
  CODE_OFFER_WAIT_SECONDS,
  MAX_CODE_OFFER_TRIES,
  MAX_MISSING_EVENT_TRIES,
  MISSING_EVENT_WAIT_SECONDS,
} from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { type LoadedEvent, loadEvents } from "./load-events.ts";
import { loadRouting } from "./load-routing.ts";
import { matchEvents } from "./match-events.ts";
import { offerCodes } from "./offer-codes.ts";
import { enqueueOrdered } from "./order-line.ts";
import { type NewDelivery, type PlannedDelivery, planDeliveries } from "./plan-deliveries.ts";
import { runClaimed } from "./run-claimed.ts";
import { saveRouted } from "./save-routed.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { settleGates } from "./settle-gates.ts";
import type { EventTask } from "./tasks.ts";
import type { Release, Verdict, Verdicts } from "./verdict.ts";

/**
 * Routes a batch of events: match the rules, create the deliveries (those that can go now are born claimed), attempt
 * them. The deliveries and the mark "routed" are one batch, guarded: a doubled task does nothing.
 */
export async function routeEvents(
  deps: ConsumerDeps,
  tasks: Map<string, EventTask>,
  attempts: Map<string, number>,
  release?: Release,
): Promise<Verdicts> {
  const events = await loadEvents(
    deps,
    [...tasks.values()].map((task) => task.eventId),
  );
  if (events.size < tasks.size) {
    const missing = crashPoint("event-missing");
    if (missing) await missing;
  }
  const unrouted = [...events.values()].filter((event) => event.routedAt === null);
  const routing = await loadRouting(
    deps,
    [...events.values()].map((event) => event.sourceId),
  );
  // Beside the rest: no delivery waits for a mailbox. The batch does, before its tasks are acked.
  const offers = offerCodes(deps, [...events.values()], routing);
  const notes = takeNotes(deps, routing.sources);
  const matches = await matchEvents(deps, unrouted, routing);
  const routable = unrouted.filter((event) => matches.has(event.id));
  const plans = await planDeliveries(deps, routable, matches, routing);
  const untold = await enqueueOrdered(deps, plans);
  for (const id of untold) matches.delete(id);
  const fresh = routable.filter(({ id }) => !untold.has(id));
  const planned = plans.filter(({ event }) => !untold.has(event.id));
  const planning = crashPoint("before-save-routed");
  if (planning) await planning;
  const won = await saveRouted(deps, fresh, planned);
  const ours = planned.filter((delivery) => won.has(delivery.row.eventId));
  noteRouted(notes, [...events.values()], won, ours);
  await settleGates(deps, lostToOthers(planned, won));
  logUnmatched(fresh, planned, won);
  await sendDeliveryTasks(
    deps,
    ours.filter(isWaiting).map(({ row }) => row),
  );
  const judge = () =>
    verdicts(tasks, attempts, (id) => {
      const event = events.get(id);
      if (!event) return "missing";
      if (event.routedAt === null && !matches.has(id)) return "unreadable";
      return offers.missed.has(id) ? "unoffered" : "done";
    });
  await runClaimed(
    deps,
    ours.filter(({ row }) => row.status === "delivering"),
    notes,
    () => (offers.areDone() && release?.(judge())) ?? false,
  );
  await notes.end();
  await offers.end;
  return judge();
}

/** Also of what was routed before: what a muted sender sent has a task for those who watch, and for nothing else. */
function noteRouted(
  notes: Notes,
  events: LoadedEvent[],
  won: Set<string>,
  ours: PlannedDelivery[],
): void {
  for (const event of events) {
    if (won.has(event.id) || event.routedAt !== null) notes.event(event);
  }
  for (const { row } of ours) notes.delivery(row);
  notes.send();
}

/** Ordered deliveries that a gate was told of, and that another consumer has made under other ids. */
function lostToOthers(planned: PlannedDelivery[], won: Set<string>): NewDelivery[] {
  return planned
    .filter(({ event, destination }) => destination.gate?.orderKey && !won.has(event.id))
    .map(({ row }) => row);
}

function isWaiting({ row }: PlannedDelivery): boolean {
  return row.status === "pending";
}

type TaskState = "done" | "missing" | "unreadable" | "unoffered";

/**
 * A task whose event is not there came before its insert: it comes back a few times. One whose body could not be read
 * comes back too: treated as empty it would match nothing, and be lost. So does one whose gate could not be told, and,
 * as long as that may be of use, one whose SMS did not get to its mailbox.
 */
function verdicts(
  tasks: Map<string, EventTask>,
  attempts: Map<string, number>,
  stateOf: (eventId: string) => TaskState,
): Verdicts {
  const result: Verdicts = new Map();
  for (const [messageId, { eventId }] of tasks) {
    result.set(messageId, verdictOf(stateOf(eventId), eventId, attempts.get(messageId) ?? 1));
  }
  return result;
}

function verdictOf(state: TaskState, eventId: string, tries: number): Verdict {
  const later = { ack: false, delaySeconds: MISSING_EVENT_WAIT_SECONDS } as const;
  switch (state) {
    case "done":
      return { ack: true };
    case "unreadable":
      return later;
    case "missing":
      return tries >= MAX_MISSING_EVENT_TRIES ? { ack: true } : later;
    case "unoffered":
      if (tries < MAX_CODE_OFFER_TRIES)
        return { ack: false, delaySeconds: CODE_OFFER_WAIT_SECONDS };
      log.error("sms_not_offered", { eventId });
      return { ack: true };
  }
}

function logUnmatched(fresh: LoadedEvent[], planned: PlannedDelivery[], won: Set<string>): void {
  const matched = new Set(planned.map(({ row }) => row.eventId));
  for (const { id, host, method, path } of fresh) {
    if (won.has(id) && !matched.has(id))
      log.debug("unmatched", { eventId: id, host, method, path });
  }
}
