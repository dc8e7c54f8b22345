import { expect, it } from "vitest";
import { runInFlight } from "../../src/deliveries/in-flight.ts";

/** Work that ends when it is told to, and notes the most that ran at once. */
function gate() {
  const running = new Map<string, number>();
  const most = new Map<string, number>();
  const started: string[] = [];
  const release: (() => void)[] = [];
  const note = (key: string, by: number) => {
    const now = (running.get(key) ?? 0) + by;
    running.set(key, now);
    most.set(key, Math.max(most.get(key) ?? 0, now));
  };
  const work = async (item: string) => {
    const key = item.slice(0, 1);
    started.push(item);
    note(key, 1);
    note("all", 1);
    await new Promise<void>((resolve) => release.push(resolve));
    note(key, -1);
    note("all", -1);
  };
  return { work, most, started, release };
}

it("keeps both limits, starts items of a key in order, and a full key does not hold up the others", async () => {
  const items = ["a1", "a2", "a3", "a4", "b1", "c1", "d1", "d2"];
  const { work, most, started, release } = gate();
  const jobs = items.map((item) => ({ key: item.slice(0, 1), item }));
  const done = runInFlight(jobs, { perKey: 2, total: 5 }, work);
  await Promise.resolve();
  expect(started).toEqual(["a1", "a2", "b1", "c1", "d1"]);
  while (started.length < items.length || release.length > 0) {
    release.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(started).toHaveLength(8);
  expect(started.filter((item) => item.startsWith("a"))).toEqual(["a1", "a2", "a3", "a4"]);
  expect(most.get("a")).toBe(2);
  expect(most.get("all")).toBe(5);
});

it("ends at once when there is nothing to do", async () => {
  await expect(runInFlight([], { perKey: 2, total: 5 }, async () => {})).resolves.toBeUndefined();
});
