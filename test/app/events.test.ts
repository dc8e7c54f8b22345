import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/context.ts";
import { openEvents } from "../../src/db/client.ts";
import { listEvents } from "../../src/events/list-events.ts";
import { newId } from "../../src/ids.ts";
import {
  bindings,
  call,
  ids,
  insertEvent,
  makeTenant,
  shard,
  type Tenant,
  wrongFields,
} from "./support.ts";

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("events-a", { scopes: ["read"] });
});

describe("GET /events/{id}", () => {
  it("shows everything but credentials", async () => {
    const id = await insertEvent(a, {
      receivedAt: Date.parse("2026-11-21T09:00:00.123Z"),
      routedAt: Date.parse("2026-11-21T09:00:01Z"),
      sourceId: "src_x",
      query: "a=1&a=2",
      headers: [
        ["content-type", "text/plain"],
        ["Authorization", "Basic c2VjcmV0"],
        ["cookie", "session=secret"],
        ["proxy-authorization", "secret"],
        ["x-ncp-auth-key", "secret"],
        ["set-cookie", "secret"],
        ["x-token", "shown"],
      ],
      contentType: "text/plain",
      ip: "192.0.2.7",
      network: { country: "KR", asn: 4766 },
    });
    const answer = await call(a, "GET", `/events/${id}`);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toMatch(/secret|c2VjcmV0/);
    expect(answer.json).toEqual({
      id,
      sourceId: "src_x",
      sender: { id: null, name: "curl/8 192.0.2.1", identifiedBy: null },
      method: "POST",
      host: "orders.localhost",
      path: "/orders",
      query: "a=1&a=2",
      headers: [
        ["content-type", "text/plain"],
        ["Authorization", "********"],
        ["cookie", "********"],
        ["proxy-authorization", "********"],
        ["x-ncp-auth-key", "********"],
        ["set-cookie", "********"],
        ["x-token", "shown"],
      ],
      contentType: "text/plain",
      size: 0,
      sha256: "00",
      ip: "192.0.2.7",
      network: { country: "KR", asn: 4766 },
      receivedAt: "2026-11-21T09:00:00.123Z",
      routedAt: "2026-11-21T09:00:01.000Z",
      status: "routed",
    });
    const listed = await call(a, "GET", "/events");
    expect(listed.json.data).toContainEqual(answer.json);
  });

  it.each([["evt_"], ["evt_nonsense"], ["src_01kaj8zq5wfyb9vgkbwykrnr5p"], ["%00"], ["%E0%A4%A"]])(
    "answers 404 for %s",
    async (id) => {
      for (const path of [`/events/${id}`, `/events/${id}/body`]) {
        expect((await call(a, "GET", path)).status).toBe(404);
      }
    },
  );
});

describe("GET /events", () => {
  let f: Tenant;
  const made: Record<string, string> = {};
  const T = Date.parse("2026-10-01T00:00:00Z");
  const longPath = `/long/${"x".repeat(100)}/end`;

  beforeAll(async () => {
    f = await makeTenant("events-filters", { scopes: ["read"] });
    const rows = {
      orders: { path: "/orders/1", method: "GET", status: "stored" },
      star: { path: "/a[1]/b", sourceId: newId("source") },
      korean: { path: "/%EC%A3%BC%EB%AC%B8/1", senderName: "결제 서버" },
      long: { path: longPath, senderName: "billing-1", senderId: "snd_1" },
      late: { path: "/late", status: "unmatched" },
    } as const;
    for (const [n, [name, row]] of Object.entries(rows).entries()) {
      made[name] = await insertEvent(f, { ...row, receivedAt: T + n * 1000 });
    }
  });

  const cases: [string, string[]][] = [
    ["", ["late", "long", "korean", "star", "orders"]],
    ["method=get", ["orders"]],
    ["status=unmatched", ["late"]],
    ["path=/orders/1", ["orders"]],
    ["path=/orders", []],
    ["path=/orders/*", ["orders"]],
    ["path=*", ["late", "long", "korean", "star", "orders"]],
    ["path=*/1", ["korean", "orders"]],
    ["path=/a[1]*b", ["star"]],
    ["path=/a[1]/*", ["star"]],
    ["path=/주문/*", ["korean"]],
    ["path=*주문*", ["korean"]],
    [`path=${longPath}`, ["long"]],
    [`path=/long/${"x".repeat(90)}*`, ["long"]],
    ["sender=결제 서버", ["korean"]],
    ["sender=billing-*", ["long"]],
    ["sender=snd_1", ["long"]],
    ["from=2026-10-01T00:00:03Z", ["late", "long"]],
    ["to=2026-10-01T00:00:01Z", ["orders"]],
    ["from=2026-10-01T09:00:01%2B09:00&to=2026-10-01T00:00:02.001Z", ["korean", "star"]],
    ["from=1960-01-01T00:00:00Z", ["late", "long", "korean", "star", "orders"]],
  ];
  it.each(cases)("%s", async (query, expected) => {
    const answer = await call(f, "GET", `/events?${query}`);
    expect([answer.status, ids(answer)]).toEqual([200, expected.map((name) => made[name])]);
  });

  it("by source", async () => {
    const star = await call(f, "GET", `/events/${made.star}`);
    expect(ids(await call(f, "GET", `/events?sourceId=${star.json.sourceId}`))).toEqual([
      made.star,
    ]);
  });

  it.each([
    ["limit=0", "limit"],
    ["limit=101", "limit"],
    ["limit=1.5", "limit"],
    ["limit=many", "limit"],
    ["limit=", "limit"],
    ["limit=1&limit=2", "limit"],
    ["cursor=nonsense", "cursor"],
    ["cursor=", "cursor"],
    [`cursor=${btoa("src_01kaj8zq5wfyb9vgkbwykrnr5p")}`, "cursor"],
    ["from=yesterday", "from"],
    ["to=2026-10-01", "to"],
    ["sourceId=orders", "sourceId"],
    ["status=lost", "status"],
    ["method=GET,POST", "method"],
    ["path=", "path"],
    [`path=*${"x".repeat(60)}*`, "path"],
    ["sender=*결제결제결제결제결제결제결제결제결*", "sender"],
    ["unknown=1", "unknown"],
    ["Limit=1", "Limit"],
  ])("%s is 400 and names the parameter", async (query, path) => {
    const answer = await call(f, "GET", `/events?${query}`);
    expect([answer.status, wrongFields(answer)]).toEqual([400, [path]]);
  });

  it("q is 422: not in this version", async () => {
    const answer = await call(f, "GET", "/events?q=승인");
    expect([answer.status, wrongFields(answer)]).toEqual([422, ["q"]]);
  });

  it("pages newest first, and what arrives meanwhile shifts nothing", async () => {
    const first = await call(f, "GET", "/events?limit=2");
    const late = await insertEvent(f);
    const second = await call(f, "GET", `/events?limit=2&cursor=${first.json.nextCursor}`);
    const third = await call(f, "GET", `/events?limit=2&cursor=${second.json.nextCursor}`);
    const seen = [...ids(first), ...ids(second), ...ids(third)];
    expect(seen).toEqual(["late", "long", "korean", "star", "orders"].map((name) => made[name]));
    expect(third.json.nextCursor).toBeNull();
    expect(ids(await call(f, "GET", "/events?limit=1"))).toEqual([late]);
  });
});

it("a list over several shards is one list, newest first, page by page", async () => {
  // The control database plays a second shard.
  const migrations = (env as unknown as { EVENTS_MIGRATIONS: D1Migration[] }).EVENTS_MIGRATIONS;
  await applyD1Migrations(bindings.DB, migrations);
  const shards = [shard, openEvents(bindings.DB)];
  const m = await makeTenant("events-shards");
  const expected: string[] = [];
  for (let n = 0; n < 12; n++) {
    // Several within one millisecond, and runs in one shard.
    const receivedAt = Date.now() + Math.floor(n / 3);
    const number = [0, 1, 1, 1, 0, 0][n % 6] ?? 0;
    expected.push(
      await insertEvent(m, { id: newId("event", receivedAt, number), receivedAt }, shards[number]),
    );
  }
  expected.sort().reverse();
  const ctx = { shards, organizationId: m.organizationId } as Context;
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listEvents(ctx, { limit: 5, cursor });
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(expected);
});
