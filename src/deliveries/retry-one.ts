import { isListener } from "../destinations/index.ts";
import { NO_SOURCE, type SourceFacts } from "../source-preset.ts";
import { makeReady } from "./attempt-delivery.ts";
import type { CallSlots } from "./call-slots.ts";
import { claimDelivery, type Delivery } from "./claim-delivery.ts";
import type { ConsumerDeps } from "./deps.ts";
import { endWaiting, postpone } from "./end-waiting.ts";
import { callThroughGate } from "./gated-delivery.ts";
import type { LoadedEvent } from "./load-events.ts";
import type { Waiting } from "./load-waiting.ts";
import type { OpenDestination } from "./open-destination.ts";
import { type BatchMemory, type ClaimedDelivery, runOne } from "./run-claimed.ts";
import { settleGate } from "./settle-gates.ts";

/** What a try needs of its rule. */
export type RuleFacts = { name: string | null; transform: unknown };

/** What the deliveries of one batch of the retry queue share. */
export type RetryContext = {
  destinations: ReadonlyMap<string, OpenDestination>;
  sources: ReadonlyMap<string, SourceFacts>;
  /** By id; of a deleted rule only the transform, if it had one. */
  rules: ReadonlyMap<string, RuleFacts>;
  memory: BatchMemory;
  slots: CallSlots;
  /** Those that calls through a gate may take. */
  gatedSlots: CallSlots;
};

/** Takes a due delivery to its next try, or ends or postpones it when there can be none now. */
export async function retryOne(
  deps: ConsumerDeps,
  delivery: Waiting,
  event: LoadedEvent | undefined,
  context: RetryContext,
): Promise<void> {
  const { memory, slots, gatedSlots } = context;
  const destination = context.destinations.get(delivery.destinationId);
  if (!destination) return endWaiting(deps, delivery.id, "destination_deleted");
  // Its listener takes it; a task that leads here was sent by mistake.
  if (isListener(destination.kind)) return;
  const known = memory.known.get(destination.id);
  const isOff = !destination.enabled || known?.reason === "disabled";
  if (!event || isOff) {
    await endWaiting(deps, delivery.id, event ? "destination_disabled" : "event_deleted");
    if (destination.gate) await settleGate(deps, destination.id, [delivery.id]);
    return;
  }
  const notBefore = Math.max(destination.pausedUntil, known?.until ?? 0);
  if (notBefore > Date.now()) return postpone(deps, delivery.id, notBefore);
  const source = context.sources.get(delivery.sourceId) ?? NO_SOURCE;
  const { name: ruleName = null, transform } = context.rules.get(delivery.ruleId ?? "") ?? {};
  const claimedOf = (row: Delivery): ClaimedDelivery => {
    const { uncounted, editBody } = row;
    return { row, event, source, ruleName, transform, destination, uncounted, editBody };
  };
  const { gate } = destination;
  if (gate) {
    const gated = { delivery, event, destination: { ...destination, gate } };
    // Made before the call's turn, so that calls stay as far apart as the gate says.
    return callThroughGate(deps, gated, gatedSlots, async (row) => {
      const made = await makeReady(deps, claimedOf(row));
      return () => runOne(deps, { ...claimedOf(row), made }, memory);
    });
  }
  const giveBack = await slots.take();
  try {
    const untried = delivery.gate?.attempt ?? null;
    const claimed = await claimDelivery(deps, delivery.id, destination.timeoutMs, untried);
    if (claimed) await runOne(deps, claimedOf(claimed), memory);
  } finally {
    giveBack();
  }
}
