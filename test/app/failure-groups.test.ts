import { sql } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import { deliveries } from "../../src/db/schema/events.ts";
import { MAX_GROUPED_DELIVERIES } from "../../src/deliveries/constants.ts";
import { newestFailures } from "../../src/deliveries/group-failures.ts";
import { newId } from "../../src/ids.ts";
import { call, type Json, makeTenant, shard, type Tenant, wrongFields } from "./support.ts";

const HOUR_MS = 3_600_000;
const D1 = newId("destination");
const D2 = newId("destination");
const EARLY = newId("source");
const LATE = newId("source");
const PATH = "/deliveries?status=failed&groupBy=reason";

let a: Tenant;
let b: Tenant;
let newest: string;
const at = Date.now() - 10 * HOUR_MS;

async function fail(
  tenant: Tenant,
  destinationId: string,
  {
    endReason,
    reason,
    status = "failed",
    hours = 0,
  }: {
    endReason: string | null;
    reason: string | null;
    status?: "failed" | "succeeded" | "retrying";
    hours?: number;
  },
): Promise<string> {
  const createdAt = at + hours * HOUR_MS;
  const id = newId("delivery", createdAt, 0);
  await shard.insert(deliveries).values({
    id,
    organizationId: tenant.organizationId,
    eventId: "evt_x",
    sourceId: hours > 1 ? LATE : EARLY,
    destinationId,
    status,
    endReason,
    reason,
    createdAt,
    startedAt: createdAt,
    durationMs: 500,
    attempt: 1,
  });
  return id;
}

beforeAll(async () => {
  a = await makeTenant("groups-a");
  b = await makeTenant("groups-b");
  await fail(a, D1, { endReason: "exhausted", reason: "timeout" });
  await fail(a, D1, { endReason: "exhausted", reason: "timeout", hours: 1 });
  newest = await fail(a, D1, { endReason: "timeout", reason: "timeout", hours: 2 });
  await fail(a, D1, { endReason: "gone", reason: "gone" });
  await fail(a, D2, { endReason: "destination_disabled", reason: null, hours: 3 });
  await fail(a, D2, { endReason: null, reason: "timeout", status: "retrying" });
  await fail(a, D2, { endReason: null, reason: null, status: "succeeded" });
  await fail(b, D1, { endReason: "exhausted", reason: "timeout" });
});

const groupsOf = (json: Json) => json.groups as Record<string, unknown>[];

it("groups failed deliveries by cause and destination, with count, latest and an example", async () => {
  const { status, json } = await call(a, "GET", PATH);
  expect(status).toBe(200);
  expect(json).toEqual({
    groups: [
      {
        reason: "timeout",
        destinationId: D1,
        count: 3,
        exhausted: 2,
        lastAt: new Date(at + 2 * HOUR_MS + 500).toISOString(),
        exampleDeliveryId: newest,
      },
      expect.objectContaining({ reason: "destination_disabled", destinationId: D2, count: 1 }),
      expect.objectContaining({ reason: "gone", destinationId: D1, count: 1 }),
    ],
    truncated: false,
    since: null,
  });
});

it("another organization's failures are its own", async () => {
  const { json } = await call(b, "GET", PATH);
  expect(groupsOf(json)).toMatchObject([{ reason: "timeout", count: 1 }]);
});

it.each([
  [`destinationId=${D2}`, ["destination_disabled"]],
  [`sourceId=${EARLY}`, ["timeout", "gone"]],
  [`from=${new Date(at + 90 * 60_000).toISOString()}`, ["destination_disabled", "timeout"]],
  [`to=${new Date(at + 30 * 60_000).toISOString()}`, ["gone", "timeout"]],
])("narrows by %s", async (query, reasons) => {
  const { json } = await call(a, "GET", `${PATH}&${query}`);
  expect(
    groupsOf(json)
      .map(({ reason }) => String(reason))
      .toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(reasons.toSorted((a, b) => a.localeCompare(b)));
});

it("says when there are more groups than asked for", async () => {
  const { json } = await call(a, "GET", `${PATH}&limit=1`);
  expect([groupsOf(json).length, json.truncated]).toEqual([1, true]);
});

it.each([
  ["groupBy=reason", "groupBy"],
  ["status=succeeded&groupBy=reason", "groupBy"],
  ["status=failed&groupBy=status", "groupBy"],
  ["status=failed&groupBy=reason&cursor=x", "cursor"],
])("%s is 400", async (query, field) => {
  const answer = await call(a, "GET", `/deliveries?${query}`);
  expect([answer.status, wrongFields(answer)]).toEqual([400, [field]]);
});

it("an organization's failures are found by their index, however much others have", async () => {
  const c = await makeTenant("groups-c");
  const d = await makeTenant("groups-d");
  await fail(c, D1, { endReason: "gone", reason: "gone" });
  const prefix = newId("delivery", Date.now(), 0).slice(0, -6);
  await shard.run(sql`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ${MAX_GROUPED_DELIVERIES})
    INSERT INTO deliveries (id, event_id, organization_id, source_id, destination_id, status, end_reason, created_at, attempt)
    SELECT ${prefix} || printf('%06d', i), 'evt_x', ${d.organizationId}, 'src_x', 'dst_x',
      CASE WHEN i % 2 THEN 'failed' ELSE 'succeeded' END, 'gone', ${at}, 1 FROM n`);
  const of = async (tenant: Tenant) => (await call(tenant, "GET", PATH)).json;
  expect(await of(c)).toMatchObject({ groups: [{ reason: "gone", count: 1 }], truncated: false });
  expect(await of(d)).toMatchObject({
    groups: [{ reason: "gone", count: MAX_GROUPED_DELIVERIES / 2 + 1 }],
    truncated: false,
  });
  const plan = await shard.all<{ detail: string }>(
    sql`EXPLAIN QUERY PLAN ${newestFailures(c.organizationId, { from: at, to: Date.now() })}`,
  );
  expect(plan.map(({ detail }) => detail)).toEqual([
    expect.stringMatching(
      /SEARCH deliveries USING INDEX deliveries_failed \(organization_id=\? AND id>/,
    ),
  ]);
});
