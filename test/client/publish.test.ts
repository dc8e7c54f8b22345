import { afterEach, describe, expect, it } from "vitest";
import { backoffMs, retryAfterMs } from "../../src/client/backoff.ts";
import { publish } from "../../src/client/index.ts";
import { FAST, startTopic, stopAll } from "./support.ts";

afterEach(stopAll);

const timing = { firstRetryMs: FAST.firstRetryMs, maxRetryMs: FAST.maxRetryMs };

describe("publish", () => {
  it("gives the ids of one frame or of several", async () => {
    const { topic, url } = await startTopic();
    expect(await publish({ url, channel: "orders", data: { a: 1 } })).toEqual({ ids: ["e1-1"] });
    const events = [{ data: 1 }, { event: "paid", data: null }];
    expect(await publish({ url, channel: "orders", events })).toEqual({ ids: ["e1-2", "e1-3"] });
    expect(topic.log.map(({ data }) => data)).toEqual([{ a: 1 }, 1, null]);
  });

  it("happens once, however often it is tried", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push({ status: 503 }, "cut", "cut", { status: 429 });
    expect(await publish({ url, channel: "orders", data: 1, timing })).toEqual({ ids: ["e1-1"] });
    expect(topic.log).toHaveLength(1);
    expect([...topic.published.keys()]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });

  it("takes the caller's key, and is refused when that was used for something else", async () => {
    const { topic, url } = await startTopic();
    const again = { url, channel: "orders", idempotencyKey: "order-1", timing };
    await publish({ ...again, data: 1 });
    expect(await publish({ ...again, data: 1 })).toEqual({ ids: ["e1-1"] });
    await expect(publish({ ...again, data: 2 })).rejects.toMatchObject({ status: 409 });
    expect(topic.log).toHaveLength(1);
  });

  it("gets a fresh token once", async () => {
    const { topic, url } = await startTopic();
    topic.tokens = new Set(["t2"]);
    let made = 0;
    const token = async () => `t${++made}`;
    await publish({ url, channel: "orders", data: 1, token, timing });
    await expect(publish({ url, channel: "orders", data: 1, token, timing })).rejects.toMatchObject(
      {
        status: 401,
        message: "The token is not known.",
      },
    );
    expect(made).toBe(4);
  });

  it("ends with the last fault when the time is over or it is given up", async () => {
    const { topic, url } = await startTopic();
    topic.faults.push({ status: 503, detail: "Away.", headers: { "retry-after": "600" } });
    await expect(publish({ url, channel: "orders", data: 1, timing })).rejects.toThrow("Away.");
    const signal = AbortSignal.abort();
    await expect(publish({ url, channel: "orders", data: 1, signal })).rejects.toThrow(/given up/);
    await topic.stop();
    const gone = publish({ url, channel: "orders", data: 1, timing, timeoutMs: 50 });
    await expect(gone).rejects.toThrow(/cannot be reached: ECONNREFUSED/);
  });
});

describe("waits", () => {
  const timing = { firstRetryMs: 1000, maxRetryMs: 30_000 };

  it.each([
    [0, 0, 0, 0],
    [0, 0, 1, 1000],
    [3, 0, 0.5, 4000],
    [5, 0, 1, 30_000],
    [2000, 0, 1, 30_000],
    [0, 3000, 0.5, 3500],
    [0, 1e12, 1, 901_000],
  ])(
    "after %i failures, asked for %i ms, with chance %d: %i ms",
    (failures, floorMs, random, ms) => {
      expect(backoffMs(timing, { failures, floorMs, random })).toBe(ms);
    },
  );

  it.each([
    ["7", 7000],
    [" 0 ", 0],
    ["Thu, 01 Jan 1970 00:00:09 GMT", 8000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["99999999", 900_000],
    ["soon", 0],
    ["", 0],
    [null, 0],
  ])("Retry-After %s: %i ms", (header, ms) => {
    expect(retryAfterMs(header, 1000)).toBe(ms);
  });
});
