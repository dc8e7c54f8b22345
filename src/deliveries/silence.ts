import {
  LONGEST_REST_MS,
  MAX_KNOWN_SILENT,
  PROBE_MS,
  REST_FOR_MS,
  SHORTEST_REST_MS,
  SILENT_CALLS,
  SILENT_FOR_MS,
} from "./constants.ts";

type Silence = {
  /** Calls in a row without an answer. */
  calls: number;
  since: number;
  latest: number;
  probedAt: number;
};

/**
 * What this isolate knows about destinations that do not answer. Plain numbers, safe to share between batches; lost with
 * the isolate, which only means that it learns again.
 */
const silences = new Map<string, Silence>();

/** A call found nobody, or waits so long that it holds its batch up. */
export function noteSilence(destinationId: string): void {
  if (silences.size >= MAX_KNOWN_SILENT) silences.clear();
  const now = Date.now();
  const known = silences.get(destinationId) ?? { calls: 0, since: now, latest: now, probedAt: 0 };
  silences.set(destinationId, { ...known, calls: known.calls + 1, latest: now });
}

/** Any answer, a bad one too, ends the silence. */
export function noteAnswer(destinationId: string): void {
  silences.delete(destinationId);
}

/** True for a destination whose fresh deliveries go by the retry queue: there they hold up no neighbour's events. */
export function isSilent(destinationId: string): boolean {
  return readSilence(destinationId) !== undefined;
}

/**
 * When a retry to a silent destination may come again, untried; null when it may be tried now. One of them is, every
 * `PROBE_MS`; and all are once the silence has lasted: a delivery must end some time.
 */
export function restUntil(destinationId: string): number | null {
  const known = readSilence(destinationId);
  const now = Date.now();
  if (!known || now - known.since > REST_FOR_MS) return null;
  if (now - known.probedAt >= PROBE_MS) {
    known.probedAt = now;
    return null;
  }
  return now + Math.min(Math.max(now - known.since, SHORTEST_REST_MS), LONGEST_REST_MS);
}

function readSilence(destinationId: string): Silence | undefined {
  const known = silences.get(destinationId);
  if (!known || known.calls < SILENT_CALLS) return undefined;
  return Date.now() - known.latest < SILENT_FOR_MS ? known : undefined;
}
