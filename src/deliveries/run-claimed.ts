import type { Notes } from "../live/index.ts";
import { log } from "../log.ts";
import { MAX_TRANSFORM_MS } from "../transforms/index.ts";
import { attemptDelivery, type Ready } from "./attempt-delivery.ts";
import { MAX_AFTER_RELEASE_MS, MAX_IN_FLIGHT, MAX_IN_FLIGHT_PER_DESTINATION } from "./constants.ts";
import type { ConsumerDeps } from "./deps.ts";
import { runInFlight } from "./in-flight.ts";
import type { PlannedDelivery } from "./plan-deliveries.ts";
import { setBack } from "./set-back.ts";

/** A delivery whose lease is ours. */
export type ClaimedDelivery = PlannedDelivery & {
  row: PlannedDelivery["row"] & {
    editHeaders?: Record<string, string> | null;
    receipt?: unknown;
  };
  /** A replay's body instead of the event's. */
  editBody?: Uint8Array<ArrayBuffer> | null;
  uncounted?: number;
  /** Set when what is sent was made before the call's turn. */
  made?: Ready;
};

/**
 * What a batch has learnt about a destination: after a time-out, a pause or a disabling, its other deliveries are not
 * tried, so that one dead destination costs a batch one time-out and not ten.
 */
export type BatchMemory = {
  known: Map<string, { until: number; reason: "set_back" | "disabled" }>;
  /** When the batch must have ended (ms UTC); null as long as its queue waits for it. */
  endBy: number | null;
  /** What those who watch are told. */
  notes?: Notes;
};

export function newMemory(notes?: Notes): BatchMemory {
  return { known: new Map(), endBy: null, ...(notes && { notes }) };
}

/** Releases a batch when it may be, and from then on bounds it. Calls with longer time-outs than that hold it. */
export function releaser(
  memory: BatchMemory,
  destinations: Iterable<{ timeoutMs: number }>,
  release: () => boolean,
): () => void {
  const longest = Math.max(0, ...Array.from(destinations, ({ timeoutMs }) => timeoutMs));
  return () => {
    if (longest <= MAX_AFTER_RELEASE_MS && release())
      memory.endBy = Date.now() + MAX_AFTER_RELEASE_MS;
  };
}

/** Attempts claimed deliveries, within the limits on calls in flight. */
export async function runClaimed(
  deps: ConsumerDeps,
  claimed: ClaimedDelivery[],
  notes: Notes,
  release: () => boolean = () => false,
): Promise<void> {
  const memory = newMemory(notes);
  const onStall = releaser(
    memory,
    claimed.map(({ destination }) => destination),
    release,
  );
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
    const known = memory.known.get(delivery.destination.id) ?? tooLate(memory, longest(delivery));
    if (known) return await setBack(deps, delivery.row, known);
    await attemptDelivery(deps, delivery, memory);
  } catch (error) {
    log.error("delivery_interrupted", { deliveryId: delivery.row.id, error });
  } finally {
    memory.notes?.delivery(delivery.row);
  }
}

/** How long a try may take at the most, in milliseconds. */
function longest({ destination, transform }: ClaimedDelivery): number {
  return destination.timeoutMs + (transform ? MAX_TRANSFORM_MS : 0);
}

/** Set when a call might outlast what the platform gives a released batch: another batch makes it. */
function tooLate({ endBy }: BatchMemory, tryMs: number) {
  const now = Date.now();
  if (endBy === null || now + tryMs <= endBy) return undefined;
  return { until: now, reason: "set_back" as const };
}
