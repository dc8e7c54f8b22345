import { expect, it } from "vitest";
import {
  consume,
  consumerEnv,
  deliveryOf,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

/*
 * Answers that want to fill memory, database or time: what is kept of them is bounded, and the attempt on record says so.
 */

const KEPT = 256 * 1024;

type Kept = { status: number; headers: [string, string][]; truncated: boolean };

/** Delivers an event to a receiver that behaves like that; gives what is on record. */
async function attemptAt(behaviour: string, timeoutMs = 5000) {
  const { env } = fakeQueues();
  const source = await makeSource();
  const destination = await makeDestination(behaviour, { config: { timeoutMs } });
  await makeRule(source, destination.id);
  const task = await makeEvent(source);
  const startedAt = Date.now();
  await consume(env, "events", [task]);
  const tookMs = Date.now() - startedAt;
  const row = await deliveryOf(task.eventId);
  const response = JSON.parse(String(row.response)) as Kept | null;
  const size = await consumerEnv.EVENTS_0.prepare(
    "SELECT length(response_body) AS size FROM deliveries WHERE id = ?",
  )
    .bind(row.id)
    .first<{ size: number }>();
  return { row, response, size: size?.size, startedAt, tookMs, key: destination.key };
}

it("headers, start and duration of an answer are on record", async () => {
  const { row, response, startedAt, tookMs } = await attemptAt("slow/300");
  expect(response).toMatchObject({ status: 200, truncated: false });
  expect(response?.headers).toContainEqual(["content-length", "2"]);
  expect(response?.headers.map(([name]) => name)).toContain("date");
  expect(row.started_at).toBeGreaterThanOrEqual(startedAt);
  expect(row.duration_ms).toBeGreaterThanOrEqual(290);
  expect(row.duration_ms).toBeLessThanOrEqual(tookMs);
});

it("a gzip bomb: 256 KiB of what it unpacks to", async () => {
  const { row, response, size } = await attemptAt("gzip-bomb");
  expect(row.status).toBe("succeeded");
  expect([size, response?.truncated]).toEqual([KEPT, true]);
});

it.each([
  ["50 of 100 characters are kept whole", 50, 100, false],
  ["300 are cut to 100", 300, 10, true],
  ["60 of 1,000 characters are cut to 32 KiB", 60, 1000, true],
])("headers, %s", async (_, count, chars, truncated) => {
  const { row, response } = await attemptAt(`header-flood/${count}/${chars}`);
  expect([row.status, response?.truncated]).toEqual(["succeeded", truncated]);
  const kept = response?.headers ?? [];
  expect(kept.length).toBeLessThanOrEqual(100);
  const text = kept.flat().join("");
  expect(text.length).toBeLessThanOrEqual(32 * 1024);
  const flood = kept.filter(([name]) => name.startsWith("x-flood-"));
  expect(flood.length).toBeGreaterThan(truncated ? 25 : 49);
});

it("headers beyond what the runtime reads: a failed attempt like any other", async () => {
  const { row } = await attemptAt("header-flood/600/2000");
  expect(row).toMatchObject({ status: "retrying", outcome: "failed", reason: "connection_failed" });
});

it("an answer without an end is cut, and its connection is closed", async () => {
  // To read on until the deadline would make it a time-out.
  const { row, response, size, key } = await attemptAt("endless", 30_000);
  expect(row.status).toBe("succeeded");
  expect([size, response?.truncated]).toEqual([KEPT, true]);
  expect(row.outcome).toBe("succeeded");
  await expect
    .poll(async () => (await received(key))[0]?.endedAt, { timeout: 5000 })
    .toBeGreaterThan(0);
});
