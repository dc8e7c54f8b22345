import { describe, expect, it } from "vitest";
import { MAX_AFTER_RELEASE_MS, MAX_RELEASED_BATCHES } from "../../src/deliveries/constants.ts";
import { untilStalled } from "../../src/deliveries/run-batch.ts";
import { newMemory, releaser } from "../../src/deliveries/run-claimed.ts";
import type { Release, Verdicts } from "../../src/deliveries/verdict.ts";

/** A batch that goes on until it is ended; `release` is what its stalled call does. */
function batch(queue: "events" | "deliveries") {
  const work = Promise.withResolvers<Verdicts>();
  const left: Promise<unknown>[] = [];
  let release: Release = () => false;
  const told = untilStalled(
    queue,
    (given) => {
      release = given;
      return work.promise;
    },
    (promise) => left.push(promise),
  );
  const end = async () => {
    work.resolve(new Map());
    await Promise.all(left);
    await told;
  };
  return { told, release: () => release(new Map()), end };
}

describe("a batch with a call that stalls", () => {
  it("answers its queue and goes on; so many at a time, and the next when one has ended", async () => {
    const batches = Array.from({ length: MAX_RELEASED_BATCHES.events }, () => batch("events"));
    expect(batches.map(({ release }) => release())).not.toContain(false);
    await Promise.all(batches.map(({ told }) => told));
    const next = batch("events");
    expect(next.release()).toBe(false);
    await batches[0]?.end();
    expect(next.release()).toBe(true);
    expect(next.release()).toBe(false);
    await Promise.all([next, ...batches].map(({ end }) => end()));
  });

  it("of the retry queue takes no room from fresh events", async () => {
    const { deliveries } = MAX_RELEASED_BATCHES;
    const retries = Array.from({ length: deliveries }, () => batch("deliveries"));
    expect(retries.map(({ release }) => release())).not.toContain(false);
    const fresh = batch("events");
    expect(fresh.release()).toBe(true);
    await Promise.all([fresh, ...retries].map(({ end }) => end()));
  });

  it("has an end from then on, and is not released while a call might outlast it", () => {
    const memory = newMemory();
    const release = () => true;
    releaser(memory, [{ timeoutMs: MAX_AFTER_RELEASE_MS + 1 }], release)();
    expect(memory.endBy).toBeNull();
    const before = Date.now();
    releaser(memory, [{ timeoutMs: 15_000 }], release)();
    expect(memory.endBy).toBeGreaterThanOrEqual(before + MAX_AFTER_RELEASE_MS);
    const held = newMemory();
    releaser(held, [{ timeoutMs: 15_000 }], () => false)();
    expect(held.endBy).toBeNull();
  });
});
