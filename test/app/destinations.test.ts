import { env, exports } from "cloudflare:workers";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { openControl, openEvents } from "../../src/db/client.ts";
import {
  apiKeys,
  destinations,
  organizations,
  rules,
  sources,
} from "../../src/db/schema/control.ts";
import { deliveries } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";
import type { Received } from "../support/received.ts";

const { DB, EVENTS_0 } = env as unknown as AppEnv;
const db = openControl(DB);
const shard = openEvents(EVENTS_0);

const SECRET = `whsec_${btoa("s".repeat(24))}`;
const HTTP = { name: "d", kind: "http", config: { url: "https://example.org/hook" } };

type Tenant = { organizationId: string; write: string; read: string };
let a: Tenant;
let b: Tenant;

async function makeTenant(name: string): Promise<Tenant> {
  const organizationId = newId("organization");
  const createdAt = Date.now();
  await db.insert(organizations).values({ id: organizationId, name, createdAt });
  const makeKey = async (scope: string) => {
    const key = `bt_destinations-${name}-${scope}`;
    const hash = await sha256Hex(key);
    const row = { id: newId("apiKey"), organizationId, name, hash, hint: "", scopes: [scope] };
    await db.insert(apiKeys).values({ ...row, createdAt });
    return key;
  };
  return { organizationId, write: await makeKey("write"), read: await makeKey("read") };
}

beforeAll(async () => {
  a = await makeTenant("a");
  b = await makeTenant("b");
});

type Json = { id: string; errors?: unknown; data: { id: string }[]; nextCursor: string | null };
type Answer = { status: number; text: string; json: Json };

async function call(
  key: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await exports.default.fetch(
    new Request(`http://localhost/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
  const text = await response.text();
  return { status: response.status, text, json: text === "" ? {} : JSON.parse(text) };
}

async function create(more: Record<string, unknown> = {}, tenant = a): Promise<Answer> {
  const answer = await call(tenant.write, "POST", "/destinations", { ...HTTP, ...more });
  expect(answer.status).toBe(201);
  return answer;
}

async function makeDelivery(destinationId: string, status: "pending" | "retrying" | "delivering") {
  const id = newId("delivery", Date.now(), 0);
  await shard.insert(deliveries).values({
    id,
    eventId: newId("event", Date.now(), 0),
    organizationId: a.organizationId,
    sourceId: "src_x",
    destinationId,
    status,
    createdAt: Date.now(),
    nextAttemptAt: Date.now() + 60_000,
    attempt: 0,
  });
  return id;
}

const deliveryOf = (id: string) =>
  shard.select().from(deliveries).where(eq(deliveries.id, id)).get();

async function makeRule(destinationId: string): Promise<string> {
  const [id, sourceId, now] = [newId("rule"), newId("source"), Date.now()];
  const owned = { organizationId: a.organizationId, createdAt: now, updatedAt: now };
  const source = { id: sourceId, slug: sourceId, name: "s", shard: 0, enabled: true };
  await db.insert(sources).values({ ...owned, ...source });
  const rule = { id, sourceId, destinationId, name: "my rule", order: 1, match: {} };
  await db.insert(rules).values({ ...owned, ...rule, enabled: true, stop: false });
  return id;
}

describe("create, get, list", () => {
  it("answers masked and stores sealed", async () => {
    const config = {
      url: "https://example.org/hook",
      headers: { "x-api-key": "hunter2" },
      sign: { scheme: "standard-webhooks", secret: SECRET },
    };
    const { json, text } = await create({ config, retry: { schedule: [0, 5] } });
    expect(json).toMatchObject({
      id: expect.stringMatching(/^dst_/),
      name: "d",
      kind: "http",
      config: { headers: { "x-api-key": "********" }, timeoutMs: 15_000, method: "same" },
      retry: { schedule: [0, 5] },
      enabled: true,
      disabledReason: null,
    });
    const row = await db.select().from(destinations).where(eq(destinations.id, json.id)).get();
    const read = await call(a.read, "GET", `/destinations/${json.id}`);
    expect(read.json).toEqual(json);
    const list = await call(a.read, "GET", "/destinations?limit=1");
    expect(list.json).toMatchObject({ data: [json] });
    for (const shown of [text, read.text, list.text, JSON.stringify(row)]) {
      expect(shown).not.toContain("hunter2");
      expect(shown).not.toContain(SECRET);
    }
  });

  it("masks a Slack URL", async () => {
    const url = "https://hooks.slack.com/services/T000/B000/sEcReT";
    const { json } = await create({ kind: "slack", config: { url } });
    const masked = "https://hooks.slack.com/services/T000/B000/********";
    expect(json).toMatchObject({ config: { url: masked }, retry: null });
    const shown = (await create({ kind: "slack", config: { url, showSender: true } })).json;
    expect(shown).toMatchObject({ config: { url: masked, showSender: true } });
  });

  it("pages newest first", async () => {
    const made: string[] = [];
    for (let i = 0; i < 3; i++) made.unshift((await create({}, b)).json.id);
    const first = (await call(b.read, "GET", "/destinations?limit=2")).json;
    expect(first.data.map(({ id }) => id)).toEqual(made.slice(0, 2));
    const next = `/destinations?limit=2&cursor=${encodeURIComponent(first.nextCursor ?? "")}`;
    expect((await call(b.read, "GET", next)).json).toMatchObject({
      data: [{ id: made[2] }],
      nextCursor: null,
    });
    expect((await call(b.read, "GET", "/destinations?cursor=nonsense")).status).toBe(400);
  });

  it("makes one for one Idempotency-Key", async () => {
    const header = { "idempotency-key": "dst-1" };
    const post = (body: unknown) => call(a.write, "POST", "/destinations", body, header);
    const [one, two] = await Promise.all([post(HTTP), post(HTTP)]);
    expect(one.json).toEqual(two.json);
    expect((await post({ ...HTTP, name: "other" })).status).toBe(422);
  });

  it.each([
    [{ kind: "sms_code" }, "config.phone"],
    [{ rate: { perSecond: 0 } }, "rate.perSecond"],
    [{ rate: { perSecond: 501 } }, "rate.perSecond"],
    [{ rate: { concurrency: 0 } }, "rate.concurrency"],
    [{ rate: {} }, "rate"],
    [{ ordered: "key" }, "orderKey"],
    [{ ordered: "key", orderKey: "path" }, "orderKey"],
    [{ breaker: { failures: 0 } }, "breaker.failures"],
    [{ name: "" }, "name"],
    [{ retry: { schedule: [] } }, "retry.schedule"],
    [{ config: { url: "nonsense" } }, "config.url"],
    [{ config: { url: "http://10.0.0.1/" } }, "config.url"],
    [{ config: { url: "http://example.org/" } }, "config.url"],
    [{ config: { url: "https://example.org:6379/" } }, "config.url"],
    [{ config: { url: "http://demo.localhost:8787/" } }, "config.url"],
    [{ config: { url: "https://x.org", headers: { host: "y" } } }, "config.headers.host"],
    [{ config: { url: "https://x.org", proxy: 1 } }, "config.proxy"],
  ])("refuses %j with 422 and the field's name", async (more, path) => {
    const answer = await call(a.write, "POST", "/destinations", { ...HTTP, ...more });
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
  });

  it("keeps to scopes and organizations", async () => {
    expect((await call(a.read, "POST", "/destinations", HTTP)).status).toBe(403);
    const { id } = (await create()).json;
    for (const [method, path, body] of [
      ["GET", `/destinations/${id}`],
      ["PATCH", `/destinations/${id}`, { name: "x" }],
      ["DELETE", `/destinations/${id}`],
      ["POST", `/destinations/${id}/test`],
    ] as const) {
      expect((await call(b.write, method, path, body)).status).toBe(404);
    }
    expect((await call(a.read, "DELETE", `/destinations/${id}`)).status).toBe(403);
    expect((await call(a.read, "POST", `/destinations/${id}/test`)).status).toBe(403);
  });
});

describe("PATCH", () => {
  const patch = (id: string, body: unknown) => call(a.write, "PATCH", `/destinations/${id}`, body);

  it("merges the config; a mask means unchanged", async () => {
    const config = { url: "https://example.org/a", headers: { "x-key": "k" } };
    const { json } = await create({ config });
    const answer = await patch(json.id, {
      name: "new",
      retry: { schedule: [1] },
      config: { url: "https://example.org/b", headers: { "x-key": "********" } },
    });
    expect(answer.json).toMatchObject({
      name: "new",
      retry: { schedule: [1] },
      config: { url: "https://example.org/b", headers: { "x-key": "********" } },
    });
    expect((await patch(json.id, { retry: null })).json).toMatchObject({ retry: null });
  });

  it.each([
    [{ kind: "slack" }, "kind"],
    [{ rate: {} }, "rate"],
    [{ config: { headers: { "x-other-key": "********" } } }, "config.headers.x-other-key"],
    [{ config: { url: "http://192.168.0.1/" } }, "config.url"],
    [{ config: { url: "http://example.org/" } }, "config.url"],
    [{ config: { proxy: 1 } }, "config.proxy"],
    [{ enabled: "yes" }, "enabled"],
  ])("refuses %j", async (body, path) => {
    const { id } = (await create()).json;
    const answer = await patch(id, body);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toMatchObject([{ path }]);
  });

  it("disabling ends what waits; what is being tried ends by itself", async () => {
    const { id } = (await create()).json;
    const { id: other } = (await create()).json;
    const waiting = [await makeDelivery(id, "pending"), await makeDelivery(id, "retrying")];
    const [underWay, elsewhere] = [
      await makeDelivery(id, "delivering"),
      await makeDelivery(other, "retrying"),
    ];
    expect((await patch(id, { enabled: false })).json).toMatchObject({ enabled: false });
    for (const delivery of waiting) {
      expect(await deliveryOf(delivery)).toMatchObject({
        status: "failed",
        endReason: "destination_disabled",
        nextAttemptAt: null,
      });
    }
    expect(await deliveryOf(underWay)).toMatchObject({ status: "delivering", endReason: null });
    expect(await deliveryOf(elsewhere)).toMatchObject({ status: "retrying", endReason: null });
  });

  it("enabling forgets why Baton disabled and paused it", async () => {
    const { id } = (await create()).json;
    await db
      .update(destinations)
      .set({ enabled: false, disabledReason: "gone", pausedUntil: Date.now() + 1e9 })
      .where(eq(destinations.id, id));
    expect((await patch(id, { name: "x" })).json).toMatchObject({ disabledReason: "gone" });
    expect((await patch(id, { enabled: true })).json).toMatchObject({ disabledReason: null });
    const row = await db.select().from(destinations).where(eq(destinations.id, id)).get();
    expect(row).toMatchObject({ enabled: true, pausedUntil: null });
  });
});

describe("DELETE", () => {
  it("ends what waits", async () => {
    const { id } = (await create()).json;
    const waiting = await makeDelivery(id, "retrying");
    expect((await call(a.write, "DELETE", `/destinations/${id}`)).status).toBe(204);
    expect(await deliveryOf(waiting)).toMatchObject({
      status: "failed",
      endReason: "destination_deleted",
    });
    expect((await call(a.read, "GET", `/destinations/${id}`)).status).toBe(404);
    expect((await call(a.write, "DELETE", `/destinations/${id}`)).status).toBe(404);
  });

  it("names the rules that still use it", async () => {
    const { id } = (await create()).json;
    const rule = await makeRule(id);
    const waiting = await makeDelivery(id, "retrying");
    const answer = await call(a.write, "DELETE", `/destinations/${id}`);
    expect(answer.status).toBe(409);
    expect(answer.text).toContain(`${rule} (my rule)`);
    expect(await deliveryOf(waiting)).toMatchObject({ status: "retrying" });
  });
});

describe("test", () => {
  const test = async (behaviour: string, more: Record<string, unknown> = {}) => {
    const key = newId("rule");
    const url = `${inject("receiverUrl")}/${behaviour}/${key}`;
    const { id } = (await create({ config: { url, timeoutMs: 1000 }, ...more })).json;
    const answer = await call(a.write, "POST", `/destinations/${id}/test`);
    const log = await fetch(`${inject("receiverUrl")}/__received?key=${key}`);
    const received: Received[] = await log.json();
    return { answer, received };
  };

  it("sends a marked sample, even to a disabled destination", async () => {
    const { answer, received } = await test("ok", { enabled: false });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      outcome: "succeeded",
      durationMs: expect.any(Number),
      request: { method: "POST", body: received[0]?.body },
      response: { status: 200, body: "ok", truncated: false },
    });
    const headers = new Map(received[0]?.headers.map(([name, v]) => [name.toLowerCase(), v]));
    expect(headers.get("x-baton-test")).toBe("true");
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ test: true });
  });

  it.each([
    ["status/500", "http_status"],
    ["hang", "timeout"],
  ])("reports a failure: %s", async (behaviour, reason) => {
    const { answer } = await test(behaviour);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ outcome: "failed", reason, request: { method: "POST" } });
  });
});

it("is in the OpenAPI document without what comes later", async () => {
  const response = await exports.default.fetch(new Request("http://localhost/api/openapi.json"));
  const { paths }: { paths: Record<string, unknown> } = await response.json();
  const text = JSON.stringify(
    Object.entries(paths).filter(([path]) => path.startsWith("/api/v1/destinations")),
  );
  expect(text).toContain("standard-webhooks");
  expect(text).toContain("sms_code");
});
