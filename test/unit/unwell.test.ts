import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  FAILED_CALLS,
  PROBE_MS,
  REST_FOR_MS,
  SHORTEST_REST_MS,
  SILENT_CALLS,
  UNWELL_FOR_MS,
} from "../../src/deliveries/constants.ts";
import {
  isSilent,
  noteAnswer,
  noteServerError,
  noteSilence,
  noteStall,
  restUntil,
} from "../../src/deliveries/unwell.ts";

let count = 0;
const make = (schedule: number[] = [0, 3600]) => ({ id: `dst_${++count}`, schedule });
const times = (n: number, act: () => void) => Array.from({ length: n }, act);

beforeEach(() => vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => vi.useRealTimers());

/** Uses the probe up, which is the first to ask. */
function probe({ id }: { id: string }): void {
  expect(restUntil(id, Date.now())).toBeNull();
}

describe("a destination that does not answer", () => {
  it("is silent after some calls in a row; any answer ends that", () => {
    const d = make();
    times(SILENT_CALLS - 1, () => noteSilence(d));
    expect(isSilent(d.id)).toBe(false);
    noteSilence(d);
    expect(isSilent(d.id)).toBe(true);
    noteServerError(d);
    expect(isSilent(d.id)).toBe(false);
    times(SILENT_CALLS, () => noteSilence(d));
    noteAnswer(d);
    expect(isSilent(d.id)).toBe(false);
  });

  it("rests its retries, but for one probe at a time", () => {
    const d = make();
    times(SILENT_CALLS, () => noteSilence(d));
    probe(d);
    expect(restUntil(d.id, Date.now())).toBe(Date.now() + SHORTEST_REST_MS);
    vi.advanceTimersByTime(PROBE_MS);
    probe(d);
    expect(restUntil(d.id, Date.now())).not.toBeNull();
  });

  it("is forgotten when nothing has failed for a while", () => {
    const d = make();
    times(SILENT_CALLS, () => noteSilence(d));
    vi.advanceTimersByTime(UNWELL_FOR_MS);
    expect(isSilent(d.id)).toBe(false);
    expect(restUntil(d.id, Date.now())).toBeNull();
  });
});

describe("a slow destination", () => {
  it("that leaves calls waiting is silent, but its retries do not rest, and an answer ends it", () => {
    const d = make();
    times(SILENT_CALLS, () => noteStall(d));
    expect(isSilent(d.id)).toBe(true);
    expect(restUntil(d.id, Date.now())).toBeNull();
    expect(restUntil(d.id, Date.now())).toBeNull();
    noteAnswer(d);
    expect(isSilent(d.id)).toBe(false);
  });

  it("a call that stalls and then fails counts once", () => {
    const d = make();
    times(SILENT_CALLS - 1, () => {
      noteStall(d);
      noteSilence(d, true);
    });
    expect(isSilent(d.id)).toBe(false);
  });
});

describe("what is long past", () => {
  it("neither counts nor lends its age to a new outage", () => {
    const d = make();
    times(SILENT_CALLS - 1, () => noteSilence(d));
    vi.advanceTimersByTime(2 * REST_FOR_MS);
    noteSilence(d);
    expect(isSilent(d.id)).toBe(false);
    times(SILENT_CALLS - 1, () => noteSilence(d));
    probe(d);
    expect(restUntil(d.id, Date.now())).not.toBeNull();
  });
});

describe("a destination that answers 5xx only", () => {
  it("is not silent, but rests its retries after more calls in a row", () => {
    const d = make();
    times(FAILED_CALLS - 1, () => noteServerError(d));
    expect(restUntil(d.id, Date.now())).toBeNull();
    expect(restUntil(d.id, Date.now())).toBeNull();
    noteServerError(d);
    probe(d);
    expect(restUntil(d.id, Date.now())).not.toBeNull();
    expect(isSilent(d.id)).toBe(false);
    noteAnswer(d);
    expect(restUntil(d.id, Date.now())).toBeNull();
  });
});

describe("rest ends", () => {
  it("for all when the outage has lasted for long", () => {
    const d = make();
    for (let passed = 0; passed <= REST_FOR_MS; passed += UNWELL_FOR_MS / 2) {
      times(SILENT_CALLS, () => noteSilence(d));
      vi.advanceTimersByTime(UNWELL_FOR_MS / 2);
    }
    noteSilence(d);
    probe(d);
    expect(restUntil(d.id, Date.now())).toBeNull();
  });

  it("for a delivery that is older than its schedule spans", () => {
    const d = make([0, 2, 4]);
    times(SILENT_CALLS, () => noteSilence(d));
    probe(d);
    expect(restUntil(d.id, Date.now() - 5999)).not.toBeNull();
    expect(restUntil(d.id, Date.now() - 6000)).toBeNull();
  });
});
