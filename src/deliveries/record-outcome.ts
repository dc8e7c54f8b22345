import { and, eq, sql } from "drizzle-orm";
import { shardOfId } from "../context.ts";
import { destinations } from "../db/schema/control.ts";
import { deliveries } from "../db/schema/events.ts";
import { type AttemptResult, failWaitingDeliveries } from "../destinations/index.ts";
import { log } from "../log.ts";
import { nextStep } from "./backoff.ts";
import type { ConsumerDeps } from "./deps.ts";
import type { ClaimedDelivery } from "./run-claimed.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";

export type Timed = AttemptResult & { startedAt: number; durationMs: number };

/**
 * Writes what came of a try, if the lease is still ours, and sends the task of the next one.
 * The effects on the destination come after the row: a crash between loses a pause, not an outcome.
 */
export async function recordOutcome(
  deps: ConsumerDeps,
  { row, destination, uncounted = 0 }: ClaimedDelivery,
  result: Timed,
): Promise<void> {
  const { outcome } = result;
  const progress = { attempt: row.attempt, uncounted, schedule: destination.schedule };
  const step = nextStep(outcome, progress, Date.now(), Math.random());
  const written = await shardOfId(deps, "delivery", row.id)
    .update(deliveries)
    .set({
      status: step.status,
      endReason: step.status === "failed" ? step.endReason : null,
      nextAttemptAt: step.status === "retrying" ? step.nextAttemptAt : null,
      uncounted: step.uncounted,
      leaseId: null,
      leaseUntil: null,
      outcome: outcome.ok ? "succeeded" : "failed",
      reason: outcome.ok ? null : outcome.reason,
      startedAt: result.startedAt,
      durationMs: result.durationMs,
      request: result.request ?? null,
      requestBody: result.requestBody ?? null,
      response: result.response ?? null,
      responseBody: result.responseBody ?? null,
    })
    .where(and(eq(deliveries.id, row.id), eq(deliveries.leaseId, row.leaseId ?? "")))
    .run();
  if (written.meta.changes === 0) {
    // The lease ran out during the call and the sweep has recorded it as interrupted.
    log.warn("lease_lost", { deliveryId: row.id });
    return;
  }
  if (step.status === "retrying") {
    await sendDeliveryTasks(deps, [{ id: row.id, nextAttemptAt: step.nextAttemptAt }]);
  }
  if (!outcome.ok && outcome.effect) {
    await applyEffect(
      deps,
      destination.id,
      outcome.effect,
      outcome.reason,
      outcome.retryAfterMs ?? 0,
    );
  }
}

async function applyEffect(
  deps: ConsumerDeps,
  destinationId: string,
  effect: "disable" | "pause",
  reason: string,
  pauseMs: number,
): Promise<void> {
  const until = Date.now() + pauseMs;
  await deps.db
    .update(destinations)
    .set(
      effect === "disable"
        ? { enabled: false, disabledReason: reason }
        : { pausedUntil: sql`max(coalesce(${destinations.pausedUntil}, 0), ${until})` },
    )
    .where(eq(destinations.id, destinationId));
  if (effect === "disable") {
    log.warn("destination_disabled", { destinationId, reason });
    await failWaitingDeliveries(deps, destinationId, "destination_disabled");
  }
}
