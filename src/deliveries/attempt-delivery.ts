import { and, eq } from "drizzle-orm";
import { shardOfId } from "../context.ts";
import { crashPoint } from "../crash-point.ts";
import { deliveries } from "../db/schema/events.ts";
import { type AttemptResult, deliver } from "../destinations/index.ts";
import { log } from "../log.ts";
import type { Output } from "../transforms/index.ts";
import { SET_BACK_MS, SILENCE_MS } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { loadEarlier } from "./earlier-tries.ts";
import { type Made, makeOutput } from "./make-output.ts";
import { outgoingEvent } from "./outgoing-event.ts";
import { recordOutcome } from "./record-outcome.ts";
import type { BatchMemory, ClaimedDelivery } from "./run-claimed.ts";
import { noteAnswer, noteServerError, noteSilence, noteStall } from "./unwell.ts";

/** Makes what is sent, calls the destination with it and records what came of it. */
export async function attemptDelivery(
  deps: ConsumerDeps,
  delivery: ClaimedDelivery,
  memory: BatchMemory,
): Promise<void> {
  const { destination } = delivery;
  if (!(await holdsLease(deps, delivery))) return;
  const claimed = crashPoint("after-claim-before-call");
  if (claimed) await claimed;
  const startedAt = Date.now();
  const result = await makeAndCall(deps, delivery);
  const called = crashPoint("after-call-before-write");
  if (called) await called;
  const { outcome } = result;
  if (!outcome.ok && (outcome.reason === "timeout" || outcome.effect)) {
    const waitMs = outcome.effect === "pause" ? (outcome.retryAfterMs ?? SET_BACK_MS) : SET_BACK_MS;
    const reason = outcome.effect === "disable" ? "disabled" : "set_back";
    memory.known.set(destination.id, { until: Date.now() + waitMs, reason });
  }
  const timed = { ...result, startedAt, durationMs: Date.now() - startedAt };
  const step = await recordOutcome(deps, delivery, timed);
  if (step) logAttempt(delivery, result, step.status);
}

/**
 * A batch may have kept a delivery waiting for its turn: a lease that would end during the call is renewed first,
 * and one that somebody else has taken is left alone. The try begins then: when it has no end on record, its call is
 * looked for from there.
 */
async function holdsLease(
  deps: ConsumerDeps,
  { row, destination }: ClaimedDelivery,
): Promise<boolean> {
  const now = Date.now();
  if ((row.leaseUntil ?? 0) >= now + destination.timeoutMs + deps.leaseMarginMs / 2) return true;
  const renewed = await shardOfId(deps, "delivery", row.id)
    .update(deliveries)
    .set({ leaseUntil: now + destination.timeoutMs + deps.leaseMarginMs, startedAt: now })
    .where(
      and(
        eq(deliveries.id, row.id),
        eq(deliveries.leaseId, row.leaseId ?? ""),
        eq(deliveries.status, "delivering"),
      ),
    )
    .returning({ id: deliveries.id });
  if (renewed.length === 0) return false;
  row.startedAt = now;
  return true;
}

/** Waits for a call and remembers whether its destination answers; where there is a gate, that is the gate's work. */
async function listen(
  { destination }: ClaimedDelivery,
  calling: Promise<AttemptResult>,
): Promise<AttemptResult> {
  if (destination.gate) return calling;
  let isNoted = false;
  const timer = setTimeout(() => {
    isNoted = true;
    noteStall(destination);
  }, SILENCE_MS);
  try {
    const result = await calling;
    const { outcome } = result;
    if (result.response) {
      if (result.response.status >= 500) noteServerError(destination);
      else noteAnswer(destination);
    } else if (
      !outcome.ok &&
      (outcome.reason === "connection_failed" || outcome.reason === "timeout")
    ) {
      noteSilence(destination, isNoted);
    }
    return result;
  } finally {
    clearTimeout(timer);
  }
}

/** A transform is no work of the destination's: how long it takes says nothing about that. */
async function makeAndCall(
  deps: ConsumerDeps,
  delivery: ClaimedDelivery,
): Promise<AttemptResult & { detail?: string }> {
  const made = delivery.made ?? (await makeReady(deps, delivery));
  if ("broken" in made) return { outcome: { ok: false, retry: true, reason: "internal_error" } };
  if (made.failure === undefined) return listen(delivery, call(deps, delivery, made));
  const outcome = { ok: false, retry: true, reason: "transform_failed" } as const;
  return { outcome, detail: made.failure };
}

/** What is to be sent; `broken`: an error of ours, or R2 that could not be read, which the next try may not meet. */
export async function makeReady(deps: ConsumerDeps, delivery: ClaimedDelivery): Promise<Ready> {
  try {
    return await makeOutput(deps, delivery);
  } catch (error) {
    log.error("transform_threw", { deliveryId: delivery.row.id, error });
    return { broken: true };
  }
}

export type Ready = Made | { broken: true };

async function call(
  deps: ConsumerDeps,
  delivery: ClaimedDelivery,
  { output }: { output?: Output },
): Promise<AttemptResult> {
  const { destination, row } = delivery;
  if (!destination.config) return { outcome: { ok: false, retry: true, reason: "invalid_config" } };
  try {
    const earlier = await loadEarlier(deps, delivery);
    return await deliver(destination.kind, destination.config, {
      deliveryId: row.id,
      organizationId: row.organizationId,
      destinationId: destination.id,
      number: row.attempt,
      event: outgoingEvent(deps, delivery),
      ...(output && { output }),
      settings: deps.settings,
      stores: deps,
      ...(earlier && { earlier }),
    });
  } catch (error) {
    // Drivers report outside failure as data; this is a bug of ours, and the delivery must not pay for it.
    log.error("driver_threw", { deliveryId: row.id, error });
    return { outcome: { ok: false, retry: true, reason: "internal_error" } };
  }
}

function logAttempt(delivery: ClaimedDelivery, result: AttemptResult, status: string): void {
  const { event, destination, ruleName, row } = delivery;
  log.debug("delivery", {
    eventId: event.id,
    deliveryId: row.id,
    host: event.host,
    method: event.method,
    path: event.path,
    rule: ruleName,
    destination: destination.name,
    status,
    attempt: row.attempt,
    ...(result.response ? { responseStatus: result.response.status } : {}),
    ...(result.outcome.ok ? {} : { reason: result.outcome.reason }),
  });
}
