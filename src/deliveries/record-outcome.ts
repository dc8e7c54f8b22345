import { and, eq, sql } from "drizzle-orm";
import { type Deps, shardOfId } from "../context.ts";
import { crashPoint } from "../crash-point.ts";
import { destinations } from "../db/schema/control.ts";
import { deliveries } from "../db/schema/events.ts";
import {
  type AttemptResult,
  clearGate,
  failWaitingDeliveries,
  isListener,
  type Outcome,
} from "../destinations/index.ts";
import { log } from "../log.ts";
import { type NextStep, nextStep } from "./backoff.ts";
import { endWaiting } from "./end-waiting.ts";
import type { OpenDestination } from "./open-destination.ts";
import { sendDeliveryTasks } from "./send-tasks.ts";
import { waitingColumns } from "./waiting-columns.ts";

/** A delivery whose lease is ours, as far as its outcome needs it. */
type Tried = {
  row: { id: string; attempt: number; leaseId?: string | null };
  destination: TriedDestination;
  uncounted?: number;
};
type TriedDestination = Pick<OpenDestination, "id" | "kind" | "schedule" | "updatedAt" | "gate">;

export type Timed = AttemptResult & {
  /** Why there was no call. */
  detail?: string;
  startedAt: number;
  durationMs: number;
};

/**
 * Writes what came of a try, if the lease is still ours, and sends the task of the next one.
 * Returns that step, or null when the lease was lost. The effects on the destination come after the row: a crash between loses a pause, not an outcome.
 */
export async function recordOutcome(
  deps: Deps,
  { row, destination, uncounted = 0 }: Tried,
  result: Timed,
): Promise<NextStep | null> {
  const { outcome } = result;
  const progress = { attempt: row.attempt, uncounted, schedule: destination.schedule };
  const step = nextStep(outcome, progress, Date.now(), Math.random());
  if (!(await writeOutcome(deps, { row, destination }, result, step))) {
    // The lease ran out during the call and the sweep has recorded it as interrupted.
    log.warn("lease_lost", { deliveryId: row.id });
    return null;
  }
  const recorded = crashPoint("after-write-before-task");
  if (recorded) await recorded;
  if (!outcome.ok && outcome.effect) await applyEffect(deps, destination, outcome);
  if (step.status === "retrying") await awaitRetry(deps, row.id, destination, step);
  return step;
}

/** Writes the row; false when the lease is somebody else's. What is too large for a row is written without bodies. */
async function writeOutcome(
  deps: Deps,
  { row, destination }: Tried,
  result: Timed,
  step: NextStep,
): Promise<boolean> {
  const { outcome } = result;
  const write = (bodies: Pick<Timed, "requestBody" | "responseBody">) =>
    shardOfId(deps, "delivery", row.id)
      .update(deliveries)
      .set({
        status: step.status,
        endReason: step.status === "failed" ? step.endReason : null,
        ...waitingColumns(destination.kind, step.status === "retrying" ? step.nextAttemptAt : null),
        uncounted: step.uncounted,
        leaseId: null,
        leaseUntil: null,
        outcome: outcome.ok ? "succeeded" : "failed",
        reason: outcome.ok ? null : outcome.reason,
        startedAt: result.startedAt,
        durationMs: result.durationMs,
        request: result.request ?? (result.detail === undefined ? null : { detail: result.detail }),
        requestBody: bodies.requestBody ?? null,
        response: result.response ?? null,
        responseBody: bodies.responseBody ?? null,
        ...(result.receipt !== undefined && {
          receipt: result.receipt,
          receiptDueAt: result.receiptDueAt ?? null,
        }),
      })
      .where(and(eq(deliveries.id, row.id), eq(deliveries.leaseId, row.leaseId ?? "")))
      .run();
  try {
    return (await write(result)).meta.changes > 0;
  } catch (error) {
    // The receiver has been called: an outcome without bodies is worth more than a call that looks interrupted.
    log.warn("outcome_not_written", { deliveryId: row.id, error });
    return (await write({})).meta.changes > 0;
  }
}

/** Sends the next try's task; a destination that was disabled during the call ends the delivery instead. */
async function awaitRetry(
  deps: Deps,
  id: string,
  { id: destinationId, kind }: TriedDestination,
  step: { nextAttemptAt: number },
): Promise<void> {
  const now = await deps.db
    .select({ enabled: destinations.enabled })
    .from(destinations)
    .where(eq(destinations.id, destinationId))
    .get();
  if (!now) return endWaiting(deps, id, "destination_deleted");
  if (!now.enabled) return endWaiting(deps, id, "destination_disabled");
  if (isListener(kind)) return;
  await sendDeliveryTasks(deps, [{ id, nextAttemptAt: step.nextAttemptAt }]);
}

/** Only the config that was called is disabled or paused: an answer of the old one says nothing about a new one. */
async function applyEffect(
  deps: Deps,
  destination: TriedDestination,
  { effect, reason, retryAfterMs = 0 }: Extract<Outcome, { ok: false }>,
): Promise<void> {
  const until = Date.now() + retryAfterMs;
  const { meta } = await deps.db
    .update(destinations)
    .set(
      effect === "disable"
        ? { enabled: false, disabledReason: reason }
        : { pausedUntil: sql`max(coalesce(${destinations.pausedUntil}, 0), ${until})` },
    )
    .where(
      and(eq(destinations.id, destination.id), eq(destinations.updatedAt, destination.updatedAt)),
    )
    .run();
  if (effect === "disable" && meta.changes > 0) {
    log.warn("destination_disabled", { destinationId: destination.id, reason });
    await failWaitingDeliveries(deps, destination.id, "destination_disabled");
    await clearGate(deps, destination);
  }
}
