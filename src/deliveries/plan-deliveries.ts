import type { deliveries } from "../db/schema/events.ts";
import { newId, shardOf } from "../ids.ts";
import { NO_SOURCE, type SourceFacts } from "../source-preset.ts";
import { jittered } from "./backoff.ts";
import { MAX_BORN_CLAIMED } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import type { LoadedEvent } from "./load-events.ts";
import type { Routing, RoutingRule } from "./load-routing.ts";
import type { OpenDestination } from "./open-destination.ts";
import { isSilent } from "./unwell.ts";

export type NewDelivery = Pick<
  typeof deliveries.$inferInsert,
  | "id"
  | "eventId"
  | "organizationId"
  | "sourceId"
  | "ruleId"
  | "destinationId"
  | "status"
  | "endReason"
  | "createdAt"
  | "nextAttemptAt"
  | "leaseId"
  | "leaseUntil"
  | "attempt"
  | "attemptId"
  | "startedAt"
>;

export type PlannedDelivery = {
  row: NewDelivery;
  event: LoadedEvent;
  source: SourceFacts;
  ruleName: string | null;
  /** The rule's, as stored; none: the event's body is sent as it is. */
  transform?: unknown;
  destination: OpenDestination;
};

/** Makes the deliveries of a batch of events: event × matching rule. */
export async function planDeliveries(
  deps: Pick<ConsumerDeps, "leaseMarginMs">,
  events: LoadedEvent[],
  matches: Map<string, RoutingRule[]>,
  routing: Routing,
): Promise<PlannedDelivery[]> {
  const planned: PlannedDelivery[] = [];
  let claimed = 0;
  for (const event of events) {
    const source = routing.sources.get(event.sourceId) ?? NO_SOURCE;
    for (const rule of matches.get(event.id) ?? []) {
      const destination = await routing.open(rule.destination);
      // A gate is asked right before the claim, and that is the retry queue's work.
      const mayClaim =
        claimed < MAX_BORN_CLAIMED && !isSilent(destination.id) && destination.gate === null;
      const birth = birthOf(destination, mayClaim, deps.leaseMarginMs);
      if (birth.status === "delivering") claimed++;
      const row = { ...identity(event), ruleId: rule.id, destinationId: destination.id, ...birth };
      const { name: ruleName, transform } = rule;
      planned.push({ row, event, source, ruleName, transform, destination });
    }
  }
  return planned;
}

function identity(event: LoadedEvent) {
  return {
    id: newId("delivery", Date.now(), shardOf("event", event.id) ?? 0),
    eventId: event.id,
    organizationId: event.organizationId,
    sourceId: event.sourceId,
    createdAt: Date.now(),
  };
}

const UNCLAIMED = { attempt: 0, attemptId: null, startedAt: null, leaseId: null, leaseUntil: null };

/** How a delivery is born: claimed when it can go now, waiting when it cannot, failed when it never can. */
function birthOf(destination: OpenDestination, mayClaim: boolean, leaseMarginMs: number) {
  const now = Date.now();
  if (!destination.enabled) {
    const endReason = "destination_disabled";
    return { ...UNCLAIMED, status: "failed", endReason, nextAttemptAt: null } as const;
  }
  const firstWaitMs = (destination.schedule[0] ?? 0) * 1000;
  const dueAt = firstWaitMs > 0 ? now + jittered(firstWaitMs, Math.random()) : now;
  const nextAttemptAt = Math.max(dueAt, destination.pausedUntil);
  if (nextAttemptAt > now || !mayClaim) {
    return { ...UNCLAIMED, status: "pending", endReason: null, nextAttemptAt } as const;
  }
  return {
    status: "delivering",
    endReason: null,
    nextAttemptAt: null,
    attempt: 1,
    attemptId: newId("attempt", now),
    startedAt: now,
    leaseId: crypto.randomUUID(),
    leaseUntil: now + destination.timeoutMs + leaseMarginMs,
  } as const;
}
