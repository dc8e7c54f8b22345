import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { attempts, deliveries } from "../../src/db/schema/events.ts";
import { DEFAULT_LISTEN_TIMEOUT_MS, LEASE_MARGIN_MS } from "../../src/deliveries/constants.ts";
import { MAX_STORED_RESPONSE_BYTES } from "../../src/destinations/constants.ts";
import {
  bindings,
  call,
  insertEvent,
  type Json,
  makeTenant,
  shard,
  type Tenant,
} from "./support.ts";

/*
 * What `baton listen` asks of the API: an event is taken once, a retry when it is due, an outcome under its lease only.
 */

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));

let a: Tenant;
let source: string;
let listener: string;
beforeAll(async () => {
  a = await makeTenant("listen");
  source = String((await call(a, "POST", "/sources", { slug: "listen-orders" })).json.id);
  listener = await makeListener("desk");
});

async function makeListener(name: string, more: Json = {}): Promise<string> {
  const body = { kind: "listen", name, config: {}, ...more };
  const { status, json } = await call(a, "POST", "/destinations", body);
  expect([status, json]).toMatchObject([201, { kind: "listen", config: {} }]);
  return String(json.id);
}

const store = (more: Parameters<typeof insertEvent>[1] = {}) =>
  insertEvent(a, { sourceId: source, body: bytes('{"total":7}'), ...more });
const take = (eventId: string, more: Json = {}, headers: Record<string, string> = {}) =>
  call(a, "POST", "/deliveries", { eventId, destinationId: listener, ...more }, headers);
const outcome = (id: string, leaseId: unknown, more: Json = { response: { status: 200 } }) =>
  call(a, "POST", `/deliveries/${id}/outcome`, { leaseId, durationMs: 12, ...more });
const rowOf = async (id: string) =>
  (await shard.select().from(deliveries).where(eq(deliveries.id, id)))[0];
const idOf = ({ json }: { json: Json }) => String((json.delivery as Json).id);

/** A delivery whose first try has failed, due now. */
async function failed(more: Json = { response: { status: 500 } }) {
  const taken = await take(await store());
  const id = idOf(taken);
  await outcome(id, taken.json.leaseId, more);
  return { id, leaseId: taken.json.leaseId };
}

async function makeDue(id: string) {
  await shard
    .update(deliveries)
    .set({ receipt: { kind: "listen", dueAt: Date.now() } })
    .where(eq(deliveries.id, id));
}

describe("an event is taken", () => {
  it("with its delivery claimed, and what an http destination would send", async () => {
    const eventId = await store({
      method: "PUT",
      path: "/orders/1",
      query: "a=%20b",
      hops: 2,
      headers: [
        ["Content-Type", "application/json"],
        ["X-Team", "a"],
        ["X-Team", "b"],
        ["Authorization", "Bearer sender"],
        ["Connection", "x-gone"],
        ["X-Gone", "1"],
        ["cf-ray", "1"],
      ],
    });
    const { status, json } = await take(eventId);
    expect([status, json]).toMatchObject([
      201,
      {
        claimed: true,
        delivery: {
          eventId,
          ruleId: null,
          status: "delivering",
          attemptCount: 1,
          nextAttemptAt: null,
        },
        request: { method: "PUT", path: "/orders/1", query: "a=%20b", body: '{"total":7}' },
      },
    ]);
    const id = idOf({ json });
    const sent = (json.request as { headers: [string, string][] }).headers;
    expect(sent.filter(([name]) => name !== "webhook-timestamp")).toEqual([
      ["content-type", "application/json"],
      ["x-team", "a"],
      ["x-team", "b"],
      ["webhook-id", id],
      ["x-baton-event-id", eventId],
      ["x-baton-attempt", "1"],
      ["x-baton-hops", "3"],
      ["user-agent", "Baton/1"],
    ]);
    const row = await rowOf(id);
    expect(row?.leaseId).toBe(json.leaseId);
    const held = (row?.leaseUntil ?? 0) - (row?.startedAt ?? 0);
    expect(held).toBe(DEFAULT_LISTEN_TIMEOUT_MS + LEASE_MARGIN_MS);
  });

  it("under a lease that the sweep finds by its index: a long one holds up nobody else's", async () => {
    const { json } = await take(await store());
    const { id } = json.delivery as { id: string };
    expect(await rowOf(id)).toMatchObject({ status: "delivering", late: 1 });
  });

  it("once, also when twenty ask at the same time", async () => {
    const eventId = await store();
    const answers = await Promise.all(Array.from({ length: 20 }, () => take(eventId)));
    const won = answers.filter(({ status }) => status === 201);
    expect(won).toHaveLength(1);
    const id = idOf(won[0] ?? { json: {} });
    for (const { status, json } of answers.filter((answer) => answer !== won[0])) {
      expect([status, json]).toMatchObject([
        200,
        { claimed: false, reason: "exists", delivery: { id } },
      ]);
    }
    expect(
      await shard.select().from(deliveries).where(eq(deliveries.eventId, eventId)),
    ).toHaveLength(1);
    const other = await makeListener("other desk");
    expect((await take(eventId, { destinationId: other })).status).toBe(201);
  });

  it("again for the same Idempotency-Key: whoever lost the answer gets it", async () => {
    const eventId = await store();
    const headers = { "idempotency-key": "lost" };
    const [first, second] = [await take(eventId, {}, headers), await take(eventId, {}, headers)];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json).toEqual(first.json);
    expect((await take(await store(), {}, headers)).status).toBe(422);
  });

  it("when it matches what is asked of it, by the grammar of rules", async () => {
    const eventId = await store({ method: "POST", path: "/orders" });
    for (const match of [
      { method: ["PUT"] },
      { json: { total: { $gt: 7 } } },
      { text: { contains: "x" } },
    ]) {
      expect(await take(eventId, { match })).toMatchObject({
        status: 200,
        json: { claimed: false, reason: "not_matched" },
      });
    }
    const wrong = await take(eventId, { match: { body: 1 } });
    expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining("match.body")]);
    const match = { method: ["post"], path: "/ord*", json: { total: 7 } };
    expect((await take(eventId, { match })).status).toBe(201);
  });

  it.each(["rejected", "muted"] as const)("not when it is %s", async (status) => {
    const eventId = await store({ status });
    expect((await take(eventId)).json).toEqual({ claimed: false, reason: status });
  });

  it("with its body's bytes, whatever they are, and a large one's address", async () => {
    const odd = await take(await store({ body: new Uint8Array([0xff, 0]) }));
    expect(odd.json.request).toMatchObject({ bodyBase64: "/wA=" });
    await bindings.BODIES.put("large", "large");
    const large = await store({ body: null, bodyKey: "large", size: 5 });
    const { json } = await take(large);
    expect(json.request).toMatchObject({ bodyUrl: `/api/v1/events/${large}/body` });
    const empty = await take(await store({ body: null }));
    expect(Object.keys(empty.json.request as Json)).toEqual(["method", "path", "query", "headers"]);
  });

  it("not by a read key, not for another kind or a disabled destination, and only if it is there", async () => {
    const eventId = await store();
    const http = await call(a, "POST", "/destinations", {
      name: "http",
      kind: "http",
      config: { url: "https://receiver.example" },
    });
    const wrong = await take(eventId, { destinationId: http.json.id });
    expect([wrong.status, wrong.json.detail]).toEqual([422, expect.stringContaining("`listen`")]);
    const off = await makeListener("off", { enabled: false });
    expect((await take(eventId, { destinationId: off })).status).toBe(409);
    expect((await take("evt_01k9zzzzzzzzzzzzzzzzzzzzzz")).status).toBe(404);
    const b = await makeTenant("listen-b");
    const body = { eventId, destinationId: listener };
    expect([404, 422]).toContain((await call(b, "POST", "/deliveries", body)).status);
    const reader = await makeTenant("listen-reader", { scopes: ["read"] });
    expect((await call(reader, "POST", "/deliveries", body)).status).toBe(403);
  });
});

describe("an outcome", () => {
  it("is an attempt like any other, with the local answer", async () => {
    const eventId = await store();
    const taken = await take(eventId);
    const id = idOf(taken);
    const headers = [["content-type", "text/plain"]];
    const response = { status: 201, headers, bodyBase64: btoa("made") };
    const told = await outcome(id, taken.json.leaseId, {
      response,
      url: "http://localhost:3000/orders?secret",
    });
    expect([told.status, told.json]).toMatchObject([
      200,
      { status: "succeeded", responseStatus: 201, nextAttemptAt: null },
    ]);
    const { json } = await call(a, "GET", `/deliveries/${id}`);
    expect(json.attempts).toMatchObject([
      {
        number: 1,
        outcome: "succeeded",
        durationMs: 12,
        request: {
          method: "POST",
          url: "http://localhost:3000/orders?secret",
          body: '{"total":7}',
        },
        response: { status: 201, headers, body: "made", truncated: false },
      },
    ]);
    const curl = await call(a, "GET", `/deliveries/${id}/attempts/1/curl`);
    expect(curl.text).toContain("http://localhost:3000/orders");
  });

  it.each([
    [{ response: { status: 500 } }, "retrying", "http_status"],
    [{ response: { status: 302 } }, "retrying", "redirect"],
    [{ response: { status: 429, headers: [["Retry-After", "7"]] } }, "retrying", "rate_limited"],
    [
      { error: { reason: "connection_refused", detail: "ECONNREFUSED ::1:3000" } },
      "retrying",
      "connection_refused",
    ],
    [{ error: { reason: "timeout" } }, "retrying", "timeout"],
    [{ error: { reason: "unsendable_request" } }, "failed", "unsendable_request"],
  ])("%j leaves the delivery %s (%s)", async (more, status, reason) => {
    const { id } = await failed(more as Json);
    const { json } = await call(a, "GET", `/deliveries/${id}`);
    expect(json).toMatchObject({ status, reason, attempts: [{ outcome: "failed", reason }] });
    const { detail } = (more as { error?: { detail?: string } }).error ?? {};
    expect(json.attempts).toMatchObject([
      { ...(detail !== undefined && { detail }), request: { method: "POST" } },
    ]);
    const row = await rowOf(id);
    // In no range that the sweep reads.
    expect(row?.nextAttemptAt).toBeNull();
    const waits = status === "retrying";
    const { dueAt } = (row?.receipt ?? {}) as Json;
    expect(typeof dueAt).toBe(waits ? "number" : "object");
    expect(json.nextAttemptAt === null).toBe(!waits);
    expect([json.receipt, json.receiptStatus]).toEqual([null, null]);
    const list = await call(a, "GET", `/deliveries?destinationId=${listener}&status=${status}`);
    expect(list.json.data).toContainEqual(
      expect.objectContaining({ id, nextAttemptAt: json.nextAttemptAt, reason }),
    );
  });

  it("of 410 disables the destination, as everywhere", async () => {
    const gone = await makeListener("gone");
    const taken = await take(await store(), { destinationId: gone });
    await outcome(idOf(taken), taken.json.leaseId, { response: { status: 410 } });
    const { json } = await call(a, "GET", `/destinations/${gone}`);
    expect(json).toMatchObject({ enabled: false, disabledReason: "gone" });
  });

  it("counts once, under its own lease", async () => {
    const taken = await take(await store());
    const id = idOf(taken);
    expect((await outcome(id, "another")).status).toBe(409);
    expect((await outcome(id, taken.json.leaseId)).status).toBe(200);
    expect((await outcome(id, taken.json.leaseId)).status).toBe(409);
    const again = await take(await store());
    const twice = await Promise.all(
      [200, 500].map((status) =>
        outcome(idOf(again), again.json.leaseId, { response: { status } }),
      ),
    );
    expect(new Set(twice.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });

  it("keeps as much of the answer as is kept of every answer, and refuses what is none", async () => {
    const taken = await take(await store());
    const id = idOf(taken);
    const { leaseId } = taken.json;
    for (const more of [
      {},
      { response: { status: 99 } },
      { response: { status: 200, bodyBase64: "?" } },
      { error: { reason: "gone" } },
      { response: { status: 200 }, url: "javascript:alert(1)" },
      { response: { status: 200 }, durationMs: -1 },
    ]) {
      expect([more, (await outcome(id, leaseId, more)).status]).toEqual([more, 422]);
    }
    const body = "x".repeat(MAX_STORED_RESPONSE_BYTES + 1);
    const headers = Array.from({ length: 200 }, (_, i) => [`x-${i}`, "v"]);
    expect((await outcome(id, leaseId, { response: { status: 200, headers, body } })).status).toBe(
      200,
    );
    const row = await rowOf(id);
    expect(row?.responseBody?.length).toBe(MAX_STORED_RESPONSE_BYTES);
    expect(row?.response).toMatchObject({ truncated: true });
    expect(row?.response?.headers).toHaveLength(100);
  });

  it("is written also when the destination or the event is gone by then", async () => {
    const away = await makeListener("away");
    const taken = await take(await store(), { destinationId: away });
    expect((await call(a, "DELETE", `/destinations/${away}`)).status).toBe(204);
    const told = await outcome(idOf(taken), taken.json.leaseId, { response: { status: 500 } });
    expect([told.status, told.json]).toMatchObject([
      200,
      { status: "failed", reason: "destination_deleted", nextAttemptAt: null },
    ]);
  });
});

describe("a retry", () => {
  const claim = (id: string) => call(a, "POST", `/deliveries/${id}/claim`, {});

  it("is taken when it is due, by one, with the next number and the same webhook-id", async () => {
    const { id } = await failed();
    const early = await claim(id);
    expect([early.status, early.json.detail]).toEqual([409, expect.stringContaining("due at")]);
    await makeDue(id);
    const answers = await Promise.all(Array.from({ length: 10 }, () => claim(id)));
    const won = answers.filter(({ status }) => status === 200);
    expect([won.length, answers.filter(({ status }) => status === 409).length]).toEqual([1, 9]);
    const [taken] = won;
    const { headers } = (taken?.json.request ?? {}) as { headers: [string, string][] };
    expect(headers).toContainEqual(["webhook-id", id]);
    expect(headers).toContainEqual(["x-baton-attempt", "2"]);
    await outcome(id, taken?.json.leaseId);
    expect((await call(a, "GET", `/deliveries/${id}`)).json).toMatchObject({
      status: "succeeded",
      attempts: [
        { number: 1, reason: "http_status" },
        { number: 2, outcome: "succeeded" },
      ],
    });
    expect(await shard.select().from(attempts).where(eq(attempts.deliveryId, id))).toHaveLength(1);
    expect((await claim(id)).status).toBe(409);
  });

  it("by hand waits for the listener, and so does a replay, edited or not", async () => {
    const { id } = await failed();
    const byHand = await call(a, "POST", `/deliveries/${id}/retry`);
    expect([byHand.status, byHand.json]).toMatchObject([202, { status: "retrying" }]);
    expect((await rowOf(id))?.nextAttemptAt).toBeNull();
    expect((await claim(id)).status).toBe(200);

    const eventId = await store({ headers: [["x-team", "a"]] });
    const edit = { headers: { "x-team": "b" }, body: "new" };
    const replay = await call(a, "POST", `/events/${eventId}/replay`, {
      destinationId: listener,
      edit,
    });
    expect(replay.json.deliveries).toMatchObject([{ status: "pending" }]);
    const [replayed] = replay.json.deliveries as { id: string; nextAttemptAt: string | null }[];
    expect(replayed?.nextAttemptAt).not.toBeNull();
    expect((await rowOf(String(replayed?.id)))?.nextAttemptAt).toBeNull();
    const taken = await claim(String(replayed?.id));
    expect(taken.json.request).toMatchObject({
      body: "new",
      headers: expect.arrayContaining([["x-team", "b"]]) as unknown,
    });
  });

  it("is no more when it was cancelled, or its event or destination is gone", async () => {
    const { id } = await failed();
    expect((await call(a, "POST", `/deliveries/${id}/cancel`)).json).toMatchObject({
      status: "cancelled",
      nextAttemptAt: null,
    });
    expect((await claim(id)).status).toBe(409);
  });
});

describe("a destination of kind listen", () => {
  it("is nobody's to call: no rule, alert or test leads there, and it has no gate", async () => {
    const rule = { sourceId: source, destinationId: listener, name: "to a listener", match: {} };
    const refusals = await Promise.all([
      call(a, "POST", "/rules", rule),
      call(a, "PUT", "/alerts", { destinationId: listener }),
      call(a, "PATCH", `/destinations/${listener}`, { rate: { perSecond: 1 } }),
      call(a, "PATCH", `/destinations/${listener}`, { ordered: "key", orderKey: "sender" }),
      call(a, "POST", "/destinations", {
        kind: "listen",
        name: "x",
        config: {},
        breaker: { failures: 1 },
      }),
      call(a, "POST", "/destinations", { kind: "listen", name: "x", config: { url: "http://x" } }),
    ]);
    for (const { status, text } of refusals) {
      expect([status, text]).toEqual([422, expect.stringMatching(/listen|not a field/)]);
    }
    expect((await call(a, "POST", `/destinations/${listener}/test`)).status).toBe(409);
    const other = await call(a, "POST", "/destinations", {
      name: "h",
      kind: "http",
      config: { url: "https://receiver.example" },
    });
    const made = await call(a, "POST", "/rules", { ...rule, destinationId: other.json.id });
    const moved = await call(a, "PATCH", `/rules/${String(made.json.id)}`, {
      destinationId: listener,
    });
    expect(moved.status).toBe(422);
  });

  it("ends what waits for it when it is disabled", async () => {
    const desk = await makeListener("closing");
    const taken = await take(await store(), { destinationId: desk });
    await outcome(idOf(taken), taken.json.leaseId, { response: { status: 500 } });
    await call(a, "PATCH", `/destinations/${desk}`, { enabled: false });
    expect((await call(a, "GET", `/deliveries/${idOf(taken)}`)).json).toMatchObject({
      status: "failed",
      reason: "destination_disabled",
      nextAttemptAt: null,
    });
  });
});

it("those that wait are listed from their index, whatever time they are of", async () => {
  const { results } = await bindings.EVENTS_0.prepare(
    `EXPLAIN QUERY PLAN SELECT id FROM deliveries WHERE organization_id = ? AND destination_id = ? AND status = ?
       AND status IN ('pending', 'retrying') ORDER BY +id DESC LIMIT 51`,
  )
    .bind("org", "dst", "retrying")
    .all<{ detail: string }>();
  expect(results.map(({ detail }) => detail).join("\n")).toContain("deliveries_due");
});
