import { and, eq, inArray } from "drizzle-orm";
import { shardOfId } from "../context.ts";
import { deliveries } from "../db/schema/events.ts";
import {
  type GateConfig,
  type Health,
  MAX_PERMIT_DELAY_MS,
  UNROUTED_WAIT_MS,
} from "../gates/index.ts";
import { log } from "../log.ts";
import type { CallSlots } from "./call-slots.ts";
import { claimDelivery, type Delivery } from "./claim-delivery.ts";
import type { ConsumerDeps } from "./deps.ts";
import type { LoadedEvent } from "./load-events.ts";
import type { Waiting } from "./load-waiting.ts";
import type { OpenDestination } from "./open-destination.ts";
import { hasUnroutedBefore, placeOf } from "./order-line.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { setBack } from "./set-back.ts";

/** Failures that say nothing about the receiver: the breaker does not count them. */
const OWN_FAULTS: readonly string[] = [
  "unsendable_request",
  "blocked_url",
  "body_missing",
  "transform_failed",
  "invalid_config",
  "internal_error",
  "interrupted",
];

type Gated = {
  delivery: Waiting;
  event: LoadedEvent;
  destination: OpenDestination & { gate: GateConfig };
};

/**
 * Takes a delivery through its destination's gate: permit, claim, prepare, call exactly at the permit's time, report. Waiting
 * for the gate is no try. The permit is not returned when the outcome could not be written: it ends by its lease.
 */
export async function callThroughGate(
  deps: ConsumerDeps,
  { delivery, event, destination }: Gated,
  slots: CallSlots,
  prepare: (claimed: Delivery) => Promise<() => Promise<void>>,
): Promise<void> {
  const place = await placeOf(deps, delivery, event, destination);
  if (place.key !== null && (await hasUnroutedBefore(deps, event, delivery))) {
    return hold(deps, delivery, Date.now() + UNROUTED_WAIT_MS, true);
  }
  const gate = deps.gates.getByName(destination.id);
  // Shorter than the claim's lease: when the sweep takes the delivery up again, its old permit has ended.
  const leaseMs = destination.timeoutMs + deps.leaseMarginMs / 2;
  const answer = await gate.acquire(destination.gate, place, leaseMs);
  if (answer.kind === "busy") return;
  if (answer.kind === "wait") return hold(deps, delivery, answer.until, answer.sendTask);
  const { permitId } = answer;
  const now = Date.now();
  // It was due when it asked. A due time that has moved since is that of a consumer which was told to wait, before this
  // one was given the permit.
  const claimed = await claimDelivery(deps, delivery.id, destination.timeoutMs, delivery.attempt);
  if (claimed) {
    const renew = () => gate.renew(permitId, delivery.id, leaseMs);
    const permit = { callAt: now + answer.waitMs, latest: latestCall(deps, now, answer.waitMs) };
    const call = await prepare(claimed);
    const giveBack = await takeSlotAt(slots, permit, renew);
    if (giveBack) await call().finally(giveBack);
    // Its permit has ended while it waited for a slot: whoever has it now must not be joined by this call.
    else await setBack(deps, claimed, { until: Date.now(), reason: "set_back" });
  }
  const fate = await fateOf(deps, delivery.id, claimed?.attempt ?? null);
  if (fate) await gate.report({ permitId, deliveryId: delivery.id, ...fate });
}

/**
 * Until when the call of a permit may go: with a rate exactly in time, since calls that piled up here would reach the
 * receiver together; else as long as the permit outlasts the call.
 */
function latestCall(deps: ConsumerDeps, now: number, waitMs: number): number {
  return waitMs > 0 ? now + waitMs + MAX_PERMIT_DELAY_MS : now + deps.leaseMarginMs / 4;
}

/** A slot for a call under a permit. When other calls hold it up, it gets another permit; null when that is refused. */
async function takeSlotAt(
  slots: CallSlots,
  permit: { callAt: number; latest: number },
  renew: () => Promise<{ waitMs: number } | null>,
): Promise<(() => void) | null> {
  const allowedMs = permit.latest - permit.callAt;
  for (let { callAt } = permit; ; ) {
    const waitMs = callAt - Date.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const giveBack = await slots.take();
    if (Date.now() - callAt <= allowedMs) return giveBack;
    giveBack();
    const next = await renew();
    if (!next) return null;
    callAt = Date.now() + next.waitMs;
  }
}

/** Moves the due time, unless there has been a try meanwhile. */
async function hold(
  deps: ConsumerDeps,
  delivery: Waiting,
  until: number,
  sendTask: boolean,
): Promise<void> {
  const held = await shardOfId(deps, "delivery", delivery.id)
    .update(deliveries)
    .set({ nextAttemptAt: until })
    .where(
      and(
        eq(deliveries.id, delivery.id),
        inArray(deliveries.status, ["pending", "retrying"]),
        eq(deliveries.attempt, delivery.attempt),
      ),
    )
    .run();
  if (sendTask && held.meta.changes > 0) {
    const gate = { destinationId: delivery.destinationId, attempt: delivery.attempt };
    await sendDeliveryTasks(deps, [{ id: delivery.id, nextAttemptAt: until, gate }]);
  }
}

/** What became of a delivery, as the database has it; null while it is claimed. */
async function fateOf(
  deps: ConsumerDeps,
  id: string,
  attempt: number | null,
): Promise<{ dueAt: number | null; health: Health } | null> {
  const row = await shardOfId(deps, "delivery", id)
    .select({
      status: deliveries.status,
      nextAttemptAt: deliveries.nextAttemptAt,
      attempt: deliveries.attempt,
      outcome: deliveries.outcome,
      reason: deliveries.reason,
    })
    .from(deliveries)
    .where(eq(deliveries.id, id))
    .get();
  if (row?.status === "delivering") {
    log.warn("permit_kept", { deliveryId: id });
    return null;
  }
  const isOurs = attempt !== null && row?.attempt === attempt;
  return { dueAt: row?.nextAttemptAt ?? null, health: isOurs ? healthOf(row) : "neutral" };
}

function healthOf({ outcome, reason }: { outcome: string | null; reason: string | null }): Health {
  if (outcome === "succeeded") return "success";
  return outcome === "failed" && !OWN_FAULTS.includes(reason ?? "") ? "failure" : "neutral";
}
