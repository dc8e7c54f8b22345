import { env, exports } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { openControl, openEvents } from "../../src/db/client.ts";
import {
  apiKeys,
  destinations,
  organizations,
  rules,
  sources,
} from "../../src/db/schema/control.ts";
import { events } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";

const { DB, EVENTS_0, BODIES } = env as unknown as AppEnv;
const db = openControl(DB);

type Tenant = { key: string; organizationId: string; sourceId: string; destinationId: string };

/** An organization with a key, a source and a destination. */
async function makeTenant(name: string, scopes = ["write"]): Promise<Tenant> {
  const now = Date.now();
  const organizationId = newId("organization");
  const key = `bt_${name}`;
  const [sourceId, destinationId] = [newId("source"), newId("destination")];
  const owned = { organizationId, name, createdAt: now };
  await db.batch([
    db.insert(organizations).values({ id: organizationId, name, createdAt: now }),
    db
      .insert(apiKeys)
      .values({ ...owned, id: newId("apiKey"), hash: await sha256Hex(key), hint: "", scopes }),
    db
      .insert(sources)
      .values({ ...owned, id: sourceId, slug: name, shard: 0, enabled: true, updatedAt: now }),
    db.insert(destinations).values({
      ...owned,
      id: destinationId,
      kind: "http",
      config: "",
      enabled: true,
      updatedAt: now,
    }),
  ]);
  return { key, organizationId, sourceId, destinationId };
}

let a: Tenant;
let b: Tenant;
let reader: Tenant;

beforeAll(async () => {
  a = await makeTenant("rules-a");
  b = await makeTenant("rules-b");
  reader = await makeTenant("rules-reader", ["read"]);
});

async function call(
  tenant: Tenant,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const response = await exports.default.fetch(
    new Request(`http://localhost/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${tenant.key}`,
        "content-type": "application/json",
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
  const text = await response.text();
  const json: Record<string, unknown> = text === "" ? {} : JSON.parse(text);
  return { status: response.status, json, text };
}

function ruleOf(tenant: Tenant, more: Record<string, unknown> = {}) {
  const { sourceId, destinationId } = tenant;
  return {
    sourceId,
    destinationId,
    name: "카드 승인",
    match: { text: { contains: "승인" } },
    ...more,
  };
}

async function create(tenant: Tenant, more: Record<string, unknown> = {}) {
  const { status, json } = await call(tenant, "POST", "/rules", ruleOf(tenant, more));
  expect(status).toBe(201);
  return json as { id: string; updatedAt: string };
}

function paths(json: Record<string, unknown>) {
  return (json.errors as { path: string }[]).map((error) => error.path);
}

describe("rules over HTTP", () => {
  it("creates with defaults, reads, changes only what is sent, deletes", async () => {
    const created = await create(a);
    expect(created).toEqual({
      ...ruleOf(a),
      id: expect.stringMatching(/^rul_/),
      order: 0,
      enabled: true,
      stop: false,
      transform: null,
      createdAt: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      updatedAt: expect.any(String),
    });
    const path = `/rules/${created.id}`;
    expect((await call(a, "GET", path)).json).toEqual(created);
    await call(a, "PATCH", path, { order: 7, stop: true, enabled: false });
    const changed = await call(a, "PATCH", path, { name: "취소" });
    expect(changed.status).toBe(200);
    expect(changed.json).toEqual({
      ...created,
      name: "취소",
      order: 7,
      stop: true,
      enabled: false,
      updatedAt: expect.any(String),
    });
    expect((await call(a, "PATCH", path, {})).json).toEqual(changed.json);
    expect((await call(a, "DELETE", path)).status).toBe(204);
    expect((await call(a, "GET", path)).status).toBe(404);
    expect((await call(a, "DELETE", path)).status).toBe(404);
  });

  it("lists newest first, in pages, by source", async () => {
    const other = await makeTenant("rules-list");
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) ids.unshift((await create(other)).id);
    const first = await call(other, "GET", "/rules?limit=2");
    const second = await call(
      other,
      "GET",
      `/rules?limit=2&cursor=${String(first.json.nextCursor)}`,
    );
    const listed = [first, second].flatMap(({ json }) => json.data as { id: string }[]);
    expect(listed.map((rule) => rule.id)).toEqual(ids);
    expect(second.json.nextCursor).toBeNull();
    const bySource = await call(other, "GET", `/rules?sourceId=${other.sourceId}`);
    expect(bySource.json.data).toHaveLength(3);
    for (const sourceId of [a.sourceId, newId("source")]) {
      expect((await call(other, "GET", `/rules?sourceId=${sourceId}`)).json.data).toEqual([]);
    }
    expect((await call(other, "GET", "/rules?sourceId=nonsense")).status).toBe(400);
    expect((await call(other, "GET", "/rules?limit=0")).status).toBe(400);
    expect((await call(other, "GET", "/rules?cursor=x")).status).toBe(400);
  });

  it("hides another organization's rules, sources and destinations", async () => {
    const { id } = await create(a);
    for (const unknown of [id, newId("rule"), newId("source"), "nonsense", "%00"]) {
      for (const [method, body] of [["GET"], ["PATCH", { name: "x" }], ["DELETE"]] as const) {
        expect((await call(b, method, `/rules/${unknown}`, body)).status).toBe(404);
      }
    }
    const answers = [];
    for (const sourceId of [a.sourceId, newId("source"), "nonsense"]) {
      const { status, json, text } = await call(b, "POST", "/rules", ruleOf(b, { sourceId }));
      expect([status, paths(json)]).toEqual([422, ["sourceId"]]);
      answers.push(text);
    }
    expect(new Set(answers).size).toBe(1);
    const mine = await create(b);
    for (const destinationId of [a.destinationId, newId("destination")]) {
      const made = await call(b, "POST", "/rules", ruleOf(b, { destinationId }));
      expect([made.status, paths(made.json)]).toEqual([422, ["destinationId"]]);
      const moved = await call(b, "PATCH", `/rules/${mine.id}`, { destinationId });
      expect([moved.status, paths(moved.json)]).toEqual([422, ["destinationId"]]);
    }
    const moved = await call(b, "PATCH", `/rules/${mine.id}`, { sourceId: a.sourceId });
    expect([moved.status, paths(moved.json)]).toEqual([422, ["sourceId"]]);
  });

  it("names the exact place of what it refuses", async () => {
    const refuse = async (body: unknown) => {
      const { status, json } = await call(a, "POST", "/rules", body);
      expect(status).toBe(422);
      return paths(json);
    };
    const match = { json: { amount: { $foo: 1 } } };
    expect(await refuse(ruleOf(a, { match }))).toEqual(["match.json.amount.$foo"]);
    expect(await refuse(ruleOf(a, { match: { sms: { kind: { $is: 1 } } } }))).toEqual([
      "match.sms.kind.$is",
    ]);
    expect(await refuse(ruleOf(a, { transform: [] }))).toEqual(["transform"]);
    expect(await refuse(ruleOf(a, { match: { text: { regex: "(" } } }))).toEqual([
      "match.text.regex",
    ]);
    expect(await refuse([])).toEqual([""]);
    const { id } = await create(a);
    const changed = await call(a, "PATCH", `/rules/${id}`, { transform: [] });
    expect([changed.status, paths(changed.json)]).toEqual([422, ["transform"]]);
  });

  it("needs scope write to change, read to read and to test", async () => {
    const { status } = await call(reader, "POST", "/rules", ruleOf(reader));
    expect(status).toBe(403);
    expect((await call(reader, "GET", "/rules")).status).toBe(200);
    const event = { method: "POST", path: "/" };
    expect((await call(reader, "POST", "/rules/test", { match: {}, event })).status).toBe(200);
  });

  it("answers a repeated Idempotency-Key with the first rule", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    const body = ruleOf(a, { name: "once" });
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => call(a, "POST", "/rules", body, headers)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    const other = await call(a, "POST", "/rules", ruleOf(a, { name: "twice" }), headers);
    expect(other.status).toBe(422);
  });

  it("keeps a source to 200 rules, and says so", async () => {
    const full = await makeTenant("rules-full");
    const { organizationId, sourceId, destinationId } = full;
    const now = Date.now();
    await DB.batch(
      Array.from({ length: 200 }, () => {
        const { sql, params } = db
          .insert(rules)
          .values({
            id: newId("rule"),
            organizationId,
            sourceId,
            destinationId,
            name: "x",
            order: 0,
            enabled: true,
            stop: false,
            match: {},
            createdAt: now,
            updatedAt: now,
          })
          .toSQL();
        return DB.prepare(sql).bind(...params);
      }),
    );
    const { status, json } = await call(full, "POST", "/rules", ruleOf(full));
    expect([status, paths(json)]).toEqual([422, ["sourceId"]]);
  });
});

describe("POST /rules/test", () => {
  /** Stores an event; its body inline, or in R2 as `bodyKey`. */
  async function store(
    tenant: Tenant,
    body: Uint8Array<ArrayBuffer>,
    bodyKey: string | null = null,
  ) {
    const id = newId("event", Date.now(), 0);
    if (bodyKey !== null) await BODIES.put(bodyKey, body);
    await openEvents(EVENTS_0)
      .insert(events)
      .values({
        id,
        organizationId: tenant.organizationId,
        sourceId: tenant.sourceId,
        senderName: "총무 폰",
        method: "POST",
        host: "rules-a.localhost",
        path: "/sms",
        query: "kind=new",
        headers: [["content-type", "text/plain"]],
        contentType: "text/plain",
        size: body.byteLength,
        sha256: "",
        body: bodyKey === null ? body : null,
        bodyKey,
        receivedAt: Date.now(),
        hops: 0,
        status: "stored",
      });
    return id;
  }

  const test = (tenant: Tenant, body: unknown) => call(tenant, "POST", "/rules/test", body);
  const utf8 = (text: string) => Uint8Array.from(new TextEncoder().encode(text));

  it("explains a made-up event, and shows what would be sent", async () => {
    const match = { json: { amount: { $gte: 10000 } } };
    const event = {
      method: "POST",
      path: "/x",
      headers: { "content-type": "application/json" },
      body: '{"amount": 12000}',
    };
    expect(await test(a, { match, event })).toMatchObject({
      status: 200,
      json: {
        matched: true,
        trace: [{ check: "json.amount.$gte", actual: "12000 (number)", ok: true }],
        output: { contentType: "application/json", body: event.body, size: 17, truncated: false },
      },
    });
    const failed = await test(a, { match, event: { ...event, body: '{"amount":"12000"}' } });
    expect(failed.json).toEqual({
      matched: false,
      trace: [
        {
          check: "json.amount.$gte",
          expected: "at least 10000",
          actual: '"12000" (text)',
          ok: false,
        },
      ],
    });
  });

  it("shows bytes that are no text as Base64", async () => {
    const event = { method: "POST", path: "/x", bodyBase64: "/wD+" };
    const { json } = await test(a, { match: {}, event });
    expect(json.output).toEqual({
      contentType: null,
      size: 3,
      truncated: false,
      bodyBase64: "/wD+",
    });
  });

  it("explains a stored event, its body here or in R2", async () => {
    const match = {
      sender: "총무*",
      query: { kind: "new" },
      host: "rules-a.*",
      text: { regex: "\\d+원" },
    };
    for (const key of [null, `rules-test/${crypto.randomUUID()}`]) {
      const eventId = await store(a, utf8("승인 100원"), key);
      const { json } = await test(a, { match, eventId });
      expect(json).toMatchObject({
        matched: true,
        output: { contentType: "text/plain", body: "승인 100원" },
      });
    }
  });

  it("explains what a stored SMS says, with its code hidden", async () => {
    const eventId = await store(
      a,
      utf8("[신한카드] 129,000원 / 쿠팡 / 인증번호 482 917 (카드 1234)"),
    );
    const match = {
      sms: { kind: "otp", code: "482917", amount: { $gte: 50000 } },
      text: { contains: "482" },
    };
    const { json } = await test(a, { match, eventId });
    expect(json).toMatchObject({
      matched: true,
      trace: [
        { check: "text.contains", ok: true },
        { check: "sms.kind", actual: '"otp" (text)', ok: true },
        { check: "sms.code", expected: 'equals "******"', actual: '"******" (text)', ok: true },
        { check: "sms.amount.$gte", actual: "129000 (number)", ok: true },
      ],
    });
    expect(JSON.stringify(json.trace)).not.toMatch(/482 ?917/);
  });

  it("dates a made-up SMS by the event's receivedAt", async () => {
    const event = {
      method: "POST",
      path: "/sms",
      receivedAt: "2027-01-01T00:01:00+09:00",
      body: JSON.stringify({ message: "신한카드(1234)승인 홍*동 1,000원 12/31 23:59 편의점" }),
    };
    const match = { sms: { occurredAt: { $startsWith: "2026-12-31T23:59" } } };
    expect((await test(a, { match, event })).json.matched).toBe(true);
  });

  it("reads a Slack message as routing does, of an event that says so or whose source takes them", async () => {
    const body = `payload=${encodeURIComponent('{"text":"배포 실패"}')}`;
    const match = { json: { text: "배포 실패" }, text: { regex: "^배포" } };
    const event = { method: "POST", path: "/services/T0/B0/********", body };
    expect((await test(a, { match, event })).json.matched).toBe(false);
    expect((await test(a, { match, event: { ...event, preset: "slack" } })).json.matched).toBe(
      true,
    );
    const unknown = await test(a, { match, event: { ...event, preset: "fax" } });
    expect([unknown.status, paths(unknown.json)]).toEqual([422, ["event.preset"]]);
    const eventId = await store(a, utf8(body));
    expect((await test(a, { match, eventId })).json.matched).toBe(false);
    await db.update(sources).set({ preset: "slack" }).where(eq(sources.id, a.sourceId));
    expect((await test(a, { match, eventId })).json.matched).toBe(true);
    await db.update(sources).set({ preset: "generic" }).where(eq(sources.id, a.sourceId));
  });

  it("looks into no body over 1 MiB, and shows only its start", async () => {
    const body = utf8("승".repeat(400_000));
    const eventId = await store(a, body, `rules-test/${crypto.randomUUID()}`);
    const { json } = await test(a, { match: { path: "/sms" }, eventId });
    expect(json.output).toMatchObject({ size: body.byteLength, truncated: true });
    expect((json.output as { body: string }).body).toHaveLength(349_525);
    const missed = await test(a, { match: { text: { contains: "승" } }, eventId });
    expect(missed.text).toContain("the body has 1200000 bytes");
    expect(missed.json.matched).toBe(false);
  });

  it("404 for an event that is not the organization's, 422 without one or with two", async () => {
    const eventId = await store(a, utf8("x"));
    for (const id of [eventId, newId("event", Date.now(), 0), newId("event", 0, 9), "nonsense"]) {
      expect((await test(b, { match: {}, eventId: id })).status).toBe(404);
    }
    expect((await test(a, { match: {} })).status).toBe(422);
    const event = { method: "POST", path: "/" };
    expect((await test(a, { match: {}, eventId, event })).status).toBe(422);
    const transformed = await test(a, { match: {}, event, transform: [] });
    expect([transformed.status, paths(transformed.json)]).toEqual([422, ["transform"]]);
  });
});
