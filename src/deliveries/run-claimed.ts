import { log } from "../log.ts";
import { attemptDelivery } from "./attempt-delivery.ts";
import { MAX_IN_FLIGHT, MAX_IN_FLIGHT_PER_DESTINATION } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { runInFlight } from "./in-flight.ts";
import type { PlannedDelivery } from "./plan-deliveries.ts";
import { setBack } from "./set-back.ts";

/** A delivery whose lease is ours. */
export type ClaimedDelivery = PlannedDelivery & {
  row: PlannedDelivery["row"] & { editHeaders?: Record<string, string> | null };
  /** A replay's body instead of the event's. */
  editBody?: Uint8Array<ArrayBuffer> | null;
  uncounted?: number;
};

/**
 * What a batch has learnt about a destination: after a time-out, a pause or a disabling, its other deliveries are not
 * tried, so that one dead destination costs a batch one time-out and not ten.
 */
export type BatchMemory = Map<string, { until: number; reason: "set_back" | "disabled" }>;

/** Attempts claimed deliveries, within the limits on calls in flight. */
export async function runClaimed(
  deps: ConsumerDeps,
  claimed: ClaimedDelivery[],
  onStall?: () => void,
): Promise<void> {
  const memory: BatchMemory = new Map();
  const jobs = claimed.map((item) => ({ key: item.destination.id, item }));
  const limits = { perKey: MAX_IN_FLIGHT_PER_DESTINATION, total: MAX_IN_FLIGHT };
  await runInFlight(jobs, limits, (delivery) => runOne(deps, delivery, memory), onStall);
}

/** One delivery to its recorded end. Never throws: what could not be written waits for its lease. */
export async function runOne(
  deps: ConsumerDeps,
  delivery: ClaimedDelivery,
  memory: BatchMemory,
): Promise<void> {
  try {
    const known = memory.get(delivery.destination.id);
    if (known) return await setBack(deps, delivery, known);
    await attemptDelivery(deps, delivery, memory);
  } catch (error) {
    log.error("delivery_interrupted", { deliveryId: delivery.row.id, error });
  }
}
