import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

const objects = env as unknown as ObjectsEnv;
const MINUTE = { limit: 3, windowMs: 60_000 };

let limits = 0;

function makeLimit() {
  const stub = objects.RATE_LIMIT.getByName(`test:${limits++}`);
  return {
    stub,
    take: (rate = MINUTE) => stub.take(rate),
    /** Makes what was taken older, as time would. */
    age: (ms: number) =>
      runInDurableObject(stub, (_, { storage }) => {
        storage.sql.exec("UPDATE taken SET until = until - ?", ms);
      }),
    tables: () =>
      runInDurableObject(
        stub,
        (_, { storage }) =>
          storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'taken'").toArray().length,
      ),
    rows: () =>
      runInDurableObject(
        stub,
        (_, { storage }) => storage.sql.exec("SELECT until FROM taken").toArray().length,
      ),
  };
}

describe("a rate limit", () => {
  it("counts down, refuses, says how long to wait, and a refusal takes nothing", async () => {
    const limit = makeLimit();
    const before = Date.now();
    const taken = [await limit.take(), await limit.take(), await limit.take()];
    expect(taken.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
      [true, 2],
      [true, 1],
      [true, 0],
    ]);
    expect(taken[2]?.resetAt).toBeGreaterThanOrEqual(before + MINUTE.windowMs);
    const refused = await limit.take();
    expect(refused).toMatchObject({ allowed: false, remaining: 0 });
    // The first one's end, not a minute from now.
    expect(refused.resetAt).toBe(taken[0]?.resetAt);
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(MINUTE.windowMs);
    expect(await limit.rows()).toBe(3);
  });

  it("is exact when many come at once, and over an eviction", async () => {
    const limit = makeLimit();
    const rate = { limit: 10, windowMs: 60_000 };
    const first = await Promise.all(Array.from({ length: 6 }, () => limit.take(rate)));
    await evictDurableObject(limit.stub);
    const rest = await Promise.all(Array.from({ length: 30 }, () => limit.take(rate)));
    expect([...first, ...rest].filter(({ allowed }) => allowed)).toHaveLength(10);
  });

  it("slides: each one counts for a window of its own", async () => {
    const limit = makeLimit();
    await limit.take();
    await limit.age(40_000);
    await limit.take();
    await limit.take();
    expect((await limit.take()).allowed).toBe(false);
    await limit.age(20_000);
    expect(await limit.take()).toMatchObject({ allowed: true, remaining: 0 });
    expect((await limit.take()).allowed).toBe(false);
  });

  it("empties itself when its window has passed, and counts again after that", async () => {
    const limit = makeLimit();
    await limit.take();
    await limit.age(30_000);
    expect(await runDurableObjectAlarm(limit.stub)).toBe(true);
    expect(await limit.rows()).toBe(1);
    await limit.age(30_000);
    expect(await runDurableObjectAlarm(limit.stub)).toBe(true);
    expect(await limit.tables()).toBe(0);
    expect(await limit.take()).toMatchObject({ allowed: true, remaining: 2 });
    expect(await runDurableObjectAlarm(limit.stub)).toBe(true);
  });
});
