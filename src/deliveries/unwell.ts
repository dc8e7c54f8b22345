import {
  FAILED_CALLS,
  LONGEST_REST_MS,
  MAX_KNOWN_UNWELL,
  PROBE_MS,
  REST_FOR_MS,
  SHORTEST_REST_MS,
  SILENT_CALLS,
  UNWELL_FOR_MS,
} from "./constants.ts";

type Known = {
  /** Calls in a row that were left waiting, or that nobody answered. */
  stalled: number;
  /** Calls in a row that nobody answered. */
  unanswered: number;
  /** Calls in a row that nobody answered, or with a 5xx. */
  failed: number;
  /** What the destination's schedule spans, in milliseconds. */
  spanMs: number;
  since: number;
  latest: number;
  probedAt: number;
};

/** A destination as far as it matters here. */
type Called = { id: string; schedule: readonly number[] };

/**
 * What this isolate knows about destinations that are out of order. Plain numbers, safe to share between batches; lost
 * with the isolate, which only means that it learns again.
 */
const unwell = new Map<string, Known>();

/** A call has waited for long. It may still be answered: this says how to treat others, and nothing about an outage. */
export function noteStall(destination: Called): void {
  note(destination).stalled++;
}

/** A call found nobody, or was not answered in time. `isNoted`: its stall was told already. */
export function noteSilence(destination: Called, isNoted = false): void {
  const known = note(destination);
  known.unanswered++;
  known.failed++;
  if (!isNoted) known.stalled++;
}

/** A call was answered with a 5xx: somebody is there, and not well. */
export function noteServerError(destination: Called): void {
  const known = note(destination);
  known.failed++;
  known.unanswered = 0;
  known.stalled = 0;
}

/** Any other answer, a bad one too, says that the receiver works. */
export function noteAnswer({ id }: Called): void {
  unwell.delete(id);
}

function note({ id, schedule }: Called): Known {
  if (unwell.size >= MAX_KNOWN_UNWELL) unwell.clear();
  const now = Date.now();
  const spanMs = schedule.reduce((sum, seconds) => sum + seconds, 0) * 1000;
  const counts = { stalled: 0, unanswered: 0, failed: 0 };
  // What is too old to count must not lend its age to a new outage either.
  const known = recent(id) ?? { ...counts, spanMs, since: now, latest: now, probedAt: 0 };
  known.latest = now;
  unwell.set(id, known);
  return known;
}

/** True for a destination whose fresh deliveries go by the retry queue: there they hold up no neighbour's events. */
export function isSilent(destinationId: string): boolean {
  return (recent(destinationId)?.stalled ?? 0) >= SILENT_CALLS;
}

/**
 * When a retry to a destination that is out of order may come again, untried; null when it may be tried now. One of them
 * is, every `PROBE_MS`; all are once it has lasted for long; and so is one that is older than its schedule spans: rest
 * must not make a short schedule a long one. `createdAt` is the delivery's, in ms UTC.
 */
export function restUntil(destinationId: string, createdAt: number): number | null {
  const known = recent(destinationId);
  if (!known || (known.unanswered < SILENT_CALLS && known.failed < FAILED_CALLS)) return null;
  const now = Date.now();
  if (now - known.since > REST_FOR_MS || now - createdAt >= known.spanMs) return null;
  if (now - known.probedAt >= PROBE_MS) {
    known.probedAt = now;
    return null;
  }
  return now + Math.min(Math.max(now - known.since, SHORTEST_REST_MS), LONGEST_REST_MS);
}

function recent(destinationId: string): Known | undefined {
  const known = unwell.get(destinationId);
  return known && Date.now() - known.latest < UNWELL_FOR_MS ? known : undefined;
}
