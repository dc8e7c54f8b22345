import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { PROBE_AFTER_MS, PROBE_TAKES_MS } from "../../../src/kakao/constants.ts";
import { Unproved } from "../../../src/kakao/unproved.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A probe that does not fail; what it has proved. */
function probe(unproved: Unproved): readonly string[] {
  expect(unproved.mustProbe).toBe(true);
  unproved.startProbe();
  unproved.endProbe();
  expect(unproved.proved).toEqual([]);
  vi.advanceTimersByTime(PROBE_TAKES_MS);
  const { proved } = unproved;
  unproved.forgetProved();
  return proved;
}

it("a probe proves what was written a while before it, and nothing that came just then", () => {
  const unproved = new Unproved();
  unproved.add("first");
  expect(unproved.mustProbe).toBe(false);
  vi.advanceTimersByTime(PROBE_AFTER_MS - 1);
  unproved.add("second");
  vi.advanceTimersByTime(1);
  expect(probe(unproved)).toEqual(["first"]);
  expect(unproved.isEmpty).toBe(false);
  vi.advanceTimersByTime(PROBE_AFTER_MS);
  expect(probe(unproved)).toEqual(["second"]);
  expect(unproved.isEmpty).toBe(true);
});

it("a probe proves everything that is old enough", () => {
  const unproved = new Unproved();
  for (const id of ["a", "b", "c"]) unproved.add(id);
  vi.advanceTimersByTime(PROBE_AFTER_MS);
  expect(probe(unproved)).toEqual(["a", "b", "c"]);
});
