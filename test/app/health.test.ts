import { eq, sql } from "drizzle-orm";
import { expect, it } from "vitest";
import { checkHealth } from "../../src/admin/check-health.ts";
import { HEALTH_CACHE_MS } from "../../src/admin/constants.ts";
import { deliveries, watermarks } from "../../src/db/schema/events.ts";
import { firstIdAt, newId } from "../../src/ids.ts";
import { control, fetchApp, insertEvent, makeTenant, shard } from "./support.ts";

const alive = { describe: () => Promise.resolve({}) };
const deps = { db: control, shards: [shard], objects: alive, browser: alive };

async function insertDelivery(status: "pending" | "retrying" | "failed", nextAttemptAt: number) {
  await shard.insert(deliveries).values({
    id: newId("delivery"),
    eventId: "evt_x",
    organizationId: "org_x",
    sourceId: "src_x",
    destinationId: "dst_x",
    status,
    createdAt: 0,
    nextAttemptAt,
    attempt: 0,
  });
}

it("/health is ok for anybody, and deep health asks every part", async () => {
  const shallow = await fetchApp("/health?anything=1");
  expect([shallow.status, await shallow.json()]).toEqual([
    200,
    {
      status: "ok",
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      timestamp: expect.closeTo(Date.now(), -5),
    },
  ]);
  const deep = await fetchApp("/health?deep=1");
  expect([deep.status, await deep.json()]).toEqual([
    200,
    {
      status: "ok",
      version: expect.any(String),
      parts: { control: "ok", events_0: "ok", objects: "ok", browser: "ok" },
      oldestUnroutedEventAgeMs: null,
      overdueDeliveries: 0,
      lastHealthJob: null,
    },
  ]);
});

it("counts overdue deliveries, with their index, and the age of the oldest unrouted event", async () => {
  const tenant = await makeTenant("health");
  const now = Date.now();
  await insertEvent(tenant, { receivedAt: now - 9000, status: "routed" });
  await insertEvent(tenant, { receivedAt: now - 5000, status: "stored" });
  await insertEvent(tenant, { receivedAt: now - 1000, status: "stored" });
  await insertDelivery("pending", now - 61_000);
  await insertDelivery("retrying", now - 3_600_000);
  await insertDelivery("retrying", now - 30_000);
  await insertDelivery("failed", now - 3_600_000);
  const report = await checkHealth(deps);
  expect(report).toMatchObject({ status: "ok", overdueDeliveries: 2 });
  expect(report.oldestUnroutedEventAgeMs).toBeGreaterThanOrEqual(5000);
  expect(report.oldestUnroutedEventAgeMs).toBeLessThanOrEqual(Date.now() - (now - 5000));

  // Before its watermark the sweep has seen everything routed.
  const value = firstIdAt("event", now - 2000);
  await shard.insert(watermarks).values({ name: "events_routed", value });
  const { oldestUnroutedEventAgeMs } = await checkHealth(deps);
  expect(oldestUnroutedEventAgeMs).toBeGreaterThanOrEqual(1000);
  expect(oldestUnroutedEventAgeMs).toBeLessThanOrEqual(Date.now() - (now - 1000));
  await shard.delete(watermarks).where(eq(watermarks.name, "events_routed"));

  const plan = await shard.all<{ detail: string }>(sql`EXPLAIN QUERY PLAN
    SELECT 1 FROM deliveries WHERE status IN ('pending', 'retrying') AND next_attempt_at < ${now}`);
  expect(plan[0]?.detail).toContain("deliveries_due");
});

it("names a part that fails, without its error, and keeps asking the others", async () => {
  const dead = { describe: () => Promise.reject(new Error("secret internals")) };
  const report = await checkHealth({ ...deps, browser: dead });
  expect(report).toMatchObject({
    status: "degraded",
    parts: { control: "ok", events_0: "ok", objects: "ok", browser: "failed" },
  });
  expect(JSON.stringify(report)).not.toContain("secret");
});

it("a lost table is 503 for deep health, and nothing for /health", async () => {
  await shard.run(sql`ALTER TABLE deliveries RENAME TO deliveries_gone`);
  await new Promise((resolve) => setTimeout(resolve, HEALTH_CACHE_MS + 50));
  const response = await fetchApp("/health?deep=1");
  expect([response.status, await response.json()]).toMatchObject([
    503,
    { status: "degraded", parts: { events_0: "failed", control: "ok" } },
  ]);
  const shallow = await fetchApp("/health");
  expect([shallow.status, await shallow.json()]).toMatchObject([200, { status: "ok" }]);
});
