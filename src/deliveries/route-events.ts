import { log } from "../log.ts";
import { MAX_MISSING_EVENT_TRIES, MISSING_EVENT_WAIT_SECONDS } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { type LoadedEvent, loadEvents } from "./load-events.ts";
import { loadRouting } from "./load-routing.ts";
import { matchEvents } from "./match-events.ts";
import { type PlannedDelivery, planDeliveries } from "./plan-deliveries.ts";
import { runClaimed } from "./run-claimed.ts";
import { saveRouted } from "./save-routed.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import type { EventTask } from "./tasks.ts";
import type { Verdicts } from "./verdict.ts";

/**
 * Routes a batch of events: match the rules, create the deliveries (those that can go now are born claimed), attempt
 * them. The deliveries and the mark "routed" are one batch, guarded: a doubled task does nothing.
 */
export async function routeEvents(
  deps: ConsumerDeps,
  tasks: Map<string, EventTask>,
  attempts: Map<string, number>,
): Promise<Verdicts> {
  const events = await loadEvents(
    deps,
    [...tasks.values()].map((task) => task.eventId),
  );
  const unrouted = [...events.values()].filter((event) => event.routedAt === null);
  const routing = await loadRouting(
    deps,
    unrouted.map((event) => event.sourceId),
  );
  const matches = await matchEvents(deps, unrouted, routing);
  const fresh = unrouted.filter((event) => matches.has(event.id));
  const planned = await planDeliveries(fresh, matches, routing);
  const won = await saveRouted(deps, fresh, planned);
  const ours = planned.filter((delivery) => won.has(delivery.row.eventId));
  logUnmatched(fresh, planned, won);
  await sendDeliveryTasks(
    deps,
    ours.filter(isWaiting).map(({ row }) => row),
  );
  await runClaimed(
    deps,
    ours.filter(({ row }) => row.status === "delivering"),
  );
  return verdicts(tasks, attempts, (id) => {
    const event = events.get(id);
    if (!event) return "missing";
    return event.routedAt === null && !matches.has(id) ? "unreadable" : "done";
  });
}

function isWaiting({ row }: PlannedDelivery): boolean {
  return row.status === "pending";
}

/**
 * A task whose event is not there came before its insert: it comes back a few times. One whose body could not be read
 * comes back too: treated as empty it would match nothing, and be lost.
 */
function verdicts(
  tasks: Map<string, EventTask>,
  attempts: Map<string, number>,
  stateOf: (eventId: string) => "done" | "missing" | "unreadable",
): Verdicts {
  const result: Verdicts = new Map();
  for (const [messageId, { eventId }] of tasks) {
    const state = stateOf(eventId);
    const given = (attempts.get(messageId) ?? 1) >= MAX_MISSING_EVENT_TRIES;
    const again = state === "unreadable" || (state === "missing" && !given);
    result.set(
      messageId,
      again ? { ack: false, delaySeconds: MISSING_EVENT_WAIT_SECONDS } : { ack: true },
    );
  }
  return result;
}

function logUnmatched(fresh: LoadedEvent[], planned: PlannedDelivery[], won: Set<string>): void {
  const matched = new Set(planned.map(({ row }) => row.eventId));
  for (const { id, host, method, path } of fresh) {
    if (won.has(id) && !matched.has(id))
      log.debug("unmatched", { eventId: id, host, method, path });
  }
}
