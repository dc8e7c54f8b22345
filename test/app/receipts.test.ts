import { beforeAll, expect, it } from "vitest";
import { deliveries } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";
import { call, insertEvent, type Json, makeTenant, shard, type Tenant } from "./support.ts";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("receipts");
});

const RECEIPT = {
  kind: "sens_sms",
  status: "partly_delivered",
  requestIds: ["RSSA-1"],
  messages: [
    {
      to: "01012345678",
      requestId: "RSSA-1",
      status: "failed",
      statusCode: "3018",
      statusName: "fail",
      statusMessage: "결번",
      completedAt: "2026-11-21T00:00:00.000Z",
    },
    { to: "01099990000", requestId: "RSSA-1", status: "pending" },
  ],
  settled: 0,
  checks: 1,
  checkedAt: 1_700_000_000_000,
};

async function delivered(receipt: unknown, receiptDueAt: number | null = null): Promise<string> {
  const id = newId("delivery", Date.now(), 0);
  await shard.insert(deliveries).values({
    id,
    organizationId: a.organizationId,
    eventId: await insertEvent(a),
    sourceId: "src_x",
    destinationId: "dst_x",
    status: "succeeded",
    createdAt: Date.now(),
    attempt: 1,
    receipt,
    receiptDueAt,
  });
  return id;
}

const listed = async (id: string) =>
  ((await call(a, "GET", "/deliveries")).json.data as Json[]).find((one) => one.id === id);

it("a delivery shows what became of its messages, numbers masked", async () => {
  const id = await delivered(RECEIPT, 1_700_000_060_000);
  const { json, text } = await call(a, "GET", `/deliveries/${id}`);
  expect(json.receipt).toEqual({
    status: "partly_delivered",
    requestIds: ["RSSA-1"],
    messages: [
      {
        to: "*******5678",
        requestId: "RSSA-1",
        status: "failed",
        statusCode: "3018",
        statusName: "fail",
        statusMessage: "결번",
        completedAt: "2026-11-21T00:00:00.000Z",
      },
      {
        to: "*******0000",
        requestId: "RSSA-1",
        status: "pending",
        statusCode: null,
        statusName: null,
        statusMessage: null,
        completedAt: null,
      },
    ],
    checkedAt: "2023-11-14T22:13:20.000Z",
    nextCheckAt: "2023-11-14T22:14:20.000Z",
    problem: null,
  });
  expect(text).not.toContain("01012345678");
  expect(json.receiptStatus).toBe("partly_delivered");
  expect(await listed(id)).toMatchObject({ receiptStatus: "partly_delivered" });
});

it("a delivery of another kind has none", async () => {
  const id = await delivered(null);
  const { json } = await call(a, "GET", `/deliveries/${id}`);
  expect([json.receipt, json.receiptStatus]).toEqual([null, null]);
  expect(await listed(id)).toMatchObject({ receiptStatus: null });
});

it("an attempt that called nothing over HTTP is no curl command", async () => {
  const id = await delivered(null);
  const request = { method: "PUT", url: "r2://archive/x.ndjson", headers: [] };
  await shard.update(deliveries).set({ request, attemptId: newId("attempt"), startedAt: 1 });
  const { status, text } = await call(a, "GET", `/deliveries/${id}/attempts/1/curl`);
  expect([status, text]).toEqual([404, expect.stringContaining("made no HTTP call")]);
});
