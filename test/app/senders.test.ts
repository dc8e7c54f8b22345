import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { destinations, rules, senders } from "../../src/db/schema/control.ts";
import { senderRefusals } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";
import { MAX_COUNTED_EVENTS, MAX_SENDERS_PER_SOURCE } from "../../src/senders/constants.ts";
import {
  bindings,
  call,
  control,
  ids,
  insertEvent,
  type Json,
  makeTenant,
  shard,
  type Tenant,
  wrongFields,
} from "./support.ts";

let a: Tenant;
let b: Tenant;
let sourceId: string;

beforeAll(async () => {
  a = await makeTenant("senders-a");
  b = await makeTenant("senders-b");
  sourceId = await makeSource({ slug: "sent" });
});

async function makeSource(body: Json, tenant = a): Promise<string> {
  const answer = await call(tenant, "POST", "/sources", body);
  expect(answer.status).toBe(201);
  return String(answer.json.id);
}

function register(body: Json, source = sourceId, headers = {}) {
  return call(a, "POST", `/sources/${source}/senders`, body, headers);
}

const ascending = (one: number, other: number) => one - other;

describe("registering", () => {
  it("shows the key once; the database has its hash only", async () => {
    const made = await register({ name: "billing-1" });
    expect(made.status).toBe(201);
    const { id, key, ...rest } = made.json as Record<string, string>;
    expect(id).toMatch(/^snd_/);
    expect(key).toMatch(/^bts_[\w-]{32}$/);
    expect(rest).toMatchObject({
      sourceId,
      name: "billing-1",
      keyHint: key?.slice(-4),
      match: null,
      state: "active",
      url: `http://sent.localhost:8787/~${key}`,
    });
    const path = `/sources/${sourceId}/senders`;
    const { url: _url, ...shown } = rest;
    expect((await call(a, "GET", `${path}/${id}`)).json).toEqual({ id, ...shown });
    const patched = await call(a, "PATCH", `${path}/${id}`, { state: "active" });
    for (const { text } of [await call(a, "GET", path), patched]) expect(text).not.toContain(key);
    const [row] = await control
      .select()
      .from(senders)
      .where(eq(senders.id, id ?? ""));
    expect(row?.keyHash).toBe(await sha256Hex(key ?? ""));
    const tables = await Promise.all(
      ["senders", "idempotency_keys"].map((table) =>
        bindings.DB.prepare(`SELECT * FROM ${table}`).all(),
      ),
    );
    expect(JSON.stringify(tables)).not.toContain(key);
  });

  it("with an Idempotency-Key gives the same key again, also at once, and makes one sender", async () => {
    const headers = { "idempotency-key": "one-sender" };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => register({ name: "once" }, sourceId, headers)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(5).fill(201));
    expect(new Set(answers.map(({ json }) => json.key)).size).toBe(1);
    const rows = await control.select().from(senders).where(eq(senders.name, "once"));
    expect(rows).toHaveLength(1);
    const sealed = await bindings.DB.prepare("SELECT answer FROM idempotency_keys").all();
    expect(JSON.stringify(sealed.results)).not.toContain(String(answers[0]?.json.key));
  });

  it("takes a key of the sender's own, hashed with its source", async () => {
    const made = await register({ name: "own", key: "T0-own.secret~1" });
    expect(made.json).toMatchObject({ key: "T0-own.secret~1", keyHint: "et~1" });
    const [row] = await control.select().from(senders).where(eq(senders.name, "own"));
    expect(row?.keyHash).toBe(await sha256Hex(`${sourceId}:T0-own.secret~1`));
    const short = await register({ name: "short", key: "eight888" });
    expect(short.json).toMatchObject({ keyHint: "" });
    const again = await register({ name: "own again", key: "T0-own.secret~1" });
    expect([again.status, wrongFields(again)]).toEqual([409, ["key"]]);
    const elsewhere = await makeSource({ slug: "sent-elsewhere" });
    expect((await register({ name: "own", key: "T0-own.secret~1" }, elsewhere)).status).toBe(201);
  });

  it.each([
    ["slack", (key: string) => ({ url: `/services/T00000000/B00000000/${key}` })],
    ["phone", (key: string) => ({ url: `/~${key}`, smsUrl: `/webhook/sms/${key}` })],
    ["sens_v1", (key: string) => ({ url: `/~${key}` })],
  ])("the URL is the one that a %s source reads", async (preset, urls) => {
    const slug = `sent-${preset.replace("_", "-")}`;
    const pair = { preset, secrets: ["service-secret"], authKey: "auth-key-1" };
    const needed = preset === "sens_v1" ? { verification: pair } : {};
    const id = await makeSource({ slug, preset, ...needed });
    const { json } = await register({ name: "x" }, id);
    const { url, smsUrl } = urls(String(json.key)) as { url: string; smsUrl?: string };
    expect(json.url).toBe(`http://${slug}.localhost:8787${url}`);
    expect(json.smsUrl).toBe(smsUrl && `http://localhost:8787${smsUrl}`);
  });

  it("a name is there once in a source, also when two come at once", async () => {
    const both = await Promise.all([register({ name: "twin" }), register({ name: "twin" })]);
    expect(both.map(({ status }) => status).toSorted(ascending)).toEqual([201, 409]);
    const refused = both.find(({ status }) => status === 409);
    expect(refused && wrongFields(refused)).toEqual(["name"]);
    const elsewhere = await makeSource({ slug: "sent-twins" });
    expect((await register({ name: "twin" }, elsewhere)).status).toBe(201);
  });

  it.each<[string, Json, string]>([
    ["no name", {}, "name"],
    ["a blank name", { name: "  " }, "name"],
    ["an endless name", { name: "x".repeat(101) }, "name"],
    ["a name like an id", { name: newId("sender") }, "name"],
    ["no address", { name: "x", match: { ips: ["192.0.2.256"] } }, "match.ips.0"],
    ["a host name", { name: "x", match: { ips: ["192.0.2.1", "erp.local"] } }, "match.ips.1"],
    ["no network", { name: "x", match: { ips: ["192.0.2.0/33"] } }, "match.ips.0"],
    ["no addresses", { name: "x", match: { ips: [] } }, "match.ips"],
    ["21 addresses", { name: "x", match: { ips: Array(21).fill("192.0.2.1") } }, "match.ips"],
    ["nothing to match", { name: "x", match: {} }, "match"],
    ["an empty user agent", { name: "x", match: { userAgent: "" } }, "match.userAgent"],
    [
      "an endless user agent",
      { name: "x", match: { userAgent: "x".repeat(201) } },
      "match.userAgent",
    ],
    ["an unknown mark", { name: "x", match: { ip: "1.2.3.4", userAgent: "x" } }, "match.ip"],
    ["an unknown state", { name: "x", state: "banned" }, "state"],
    ["a short key", { name: "x", key: "1234567" }, "key"],
    ["a key that no URL holds", { name: "x", key: "abcd/efgh?" }, "key"],
    ["a key like ours", { name: "x", key: "bts_01234567" }, "key"],
  ])("%s: 422 that names the field", async (_, body, path) => {
    const answer = await register(body);
    expect([answer.status, wrongFields(answer)]).toEqual([422, [path]]);
  });

  it("ends at a limit, which concurrent requests cannot pass", async () => {
    const full = await makeSource({ slug: "sent-full" });
    const row = { organizationId: a.organizationId, sourceId: full, keyHint: "" };
    const times = { state: "active" as const, createdAt: 0, updatedAt: 0 };
    for (let n = 1; n < MAX_SENDERS_PER_SOURCE; n++) {
      const id = newId("sender");
      await control.insert(senders).values({ ...row, ...times, id, keyHash: id, name: `n${n}` });
    }
    const answers = await Promise.all([
      register({ name: "last" }, full),
      register({ name: "one more" }, full),
      register({ name: "and one" }, full),
    ]);
    expect(answers.map(({ status }) => status).toSorted(ascending)).toEqual([201, 422, 422]);
    expect(answers.find(({ status }) => status === 422)?.text).toContain("delete one first");
  });
});

describe("lists and changes", () => {
  it("a list goes by pages, newest first, and a source's own only", async () => {
    const source = await makeSource({ slug: "sent-pages" });
    const made: string[] = [];
    for (const name of ["one", "two", "three"]) {
      made.unshift(String((await register({ name }, source)).json.id));
    }
    const path = `/sources/${source}/senders`;
    const first = await call(a, "GET", `${path}?limit=2`);
    expect(ids(first)).toEqual(made.slice(0, 2));
    const second = await call(a, "GET", `${path}?limit=2&cursor=${first.json.nextCursor}`);
    expect([ids(second), second.json.nextCursor]).toEqual([made.slice(2), null]);
    expect((await call(a, "GET", `${path}?limit=0`)).status).toBe(400);
    expect((await call(a, "GET", `${path}?cursor=x`)).status).toBe(400);
  });

  it("PATCH changes what is given", async () => {
    const source = await makeSource({ slug: "sent-patch" });
    const { id } = (await register({ name: "before", match: { userAgent: "x" } }, source)).json;
    await register({ name: "taken" }, source);
    const path = `/sources/${source}/senders/${id}`;
    const match = { ips: ["192.0.2.0/24", "2001:db8::1"] };
    const changed = await call(a, "PATCH", path, { name: "after", match, state: "muted" });
    expect(changed.json).toMatchObject({ name: "after", match, state: "muted" });
    expect((await call(a, "PATCH", path, { name: "after" })).status).toBe(200);
    expect((await call(a, "PATCH", path, { match: null })).json).toMatchObject({ match: null });
    expect((await call(a, "PATCH", path, {})).json).toMatchObject({ name: "after" });
    const conflict = await call(a, "PATCH", path, { name: "taken", state: "blocked" });
    expect([conflict.status, wrongFields(conflict)]).toEqual([409, ["name"]]);
    expect((await call(a, "GET", path)).json).toMatchObject({ name: "after", state: "muted" });
    for (const body of [{ key: "another-key" }, { match: { ips: ["x"] } }, { state: "gone" }]) {
      expect((await call(a, "PATCH", path, body)).status).toBe(422);
    }
  });

  it("a sender is found at its own source only, and gone when deleted", async () => {
    const { id } = (await register({ name: "leaves" })).json;
    const other = await makeSource({ slug: "sent-other" });
    for (const method of ["GET", "PATCH", "DELETE"]) {
      const body = method === "PATCH" ? {} : undefined;
      const answer = await call(a, method, `/sources/${other}/senders/${id}`, body);
      expect([method, answer.status]).toEqual([method, 404]);
    }
    const path = `/sources/${sourceId}/senders/${id}`;
    expect((await call(a, "DELETE", path)).status).toBe(204);
    expect((await call(a, "DELETE", path)).status).toBe(404);
    expect((await call(a, "GET", `/sources/${sourceId}/senders/nonsense`)).status).toBe(404);
  });

  it("a source takes its senders along", async () => {
    const source = await makeSource({ slug: "sent-gone" });
    await register({ name: "with it" }, source);
    expect((await call(a, "DELETE", `/sources/${source}`)).status).toBe(204);
    expect(await control.select().from(senders).where(eq(senders.sourceId, source))).toEqual([]);
    expect((await register({ name: "too late" }, source)).status).toBe(404);
    expect((await call(a, "GET", `/sources/${source}/senders`)).status).toBe(404);
  });

  it("reading needs `read`, changing `write`", async () => {
    const made = await call(a, "POST", "/api-keys", { name: "r", scopes: ["read"] });
    const reader = { ...a, key: String(made.json.key) };
    const path = `/sources/${sourceId}/senders`;
    expect((await call(reader, "GET", path)).status).toBe(200);
    expect((await call(reader, "GET", `${path}/counts`)).status).toBe(200);
    expect((await call(reader, "POST", path, { name: "x" })).status).toBe(403);
  });
});

describe("counts", () => {
  const HOUR_MS = 3_600_000;
  let source: string;
  let path: string;
  let known: string;

  beforeAll(async () => {
    source = await makeSource({ slug: "counted" });
    path = `/sources/${source}/senders/counts`;
    known = String((await register({ name: "renamed since" }, source)).json.id);
    const now = Date.now();
    const insert = (more: Parameters<typeof insertEvent>[1], tenant = a) =>
      insertEvent(tenant, { sourceId: source, receivedAt: now - HOUR_MS, ...more });
    const legacy = { senderName: "legacy/1 @ 192.0.2.7", ip: "192.0.2.7" };
    for (let n = 0; n < 3; n++) await insert(legacy);
    await insert({ ...legacy, receivedAt: now - 30 * HOUR_MS });
    await insert({ senderId: known, senderName: "old name", senderBy: "key", status: "muted" });
    const later = { receivedAt: now - HOUR_MS / 2, senderBy: "match" as const };
    await insert({ ...later, senderId: known, senderName: "old name" });
    await insert({ senderName: "github: hookshot", senderBy: "signature" });
    await insert({ senderName: "x @ 192.0.2.9", ip: "192.0.2.9", status: "rejected" });
    await insert({ sourceId: "src_other", senderName: "of another source" });
    const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const refused = { sourceId: source, senderId: known, lastAt: now - 1000 };
    await shard.insert(senderRefusals).values([
      { ...refused, day: day(now), count: 7 },
      { ...refused, day: day(now - 240 * HOUR_MS), count: 100, lastAt: now - 240 * HOUR_MS },
    ]);
  });

  const rowsOf = (json: Json) => json.data as Json[];

  it("everybody who called in the last 24 h, most events first", async () => {
    const { status, json } = await call(a, "GET", path);
    expect(status).toBe(200);
    expect(json).toMatchObject({ truncated: false, since: null });
    expect(Date.parse(String(json.to)) - Date.parse(String(json.from))).toBe(24 * HOUR_MS);
    const [first, second, ...rest] = rowsOf(json);
    expect(first).toMatchObject({
      sender: { id: null, name: "legacy/1 @ 192.0.2.7", identifiedBy: null },
      state: null,
      events: 3,
      muted: 0,
      blocked: 0,
      suggestion: {
        name: "legacy/1 @ 192.0.2.7",
        match: { ips: ["192.0.2.7"], userAgent: "legacy/1" },
      },
    });
    expect(second).toMatchObject({
      sender: { id: known, name: "renamed since", identifiedBy: "match" },
      state: "active",
      events: 2,
      muted: 1,
      blocked: 7,
      suggestion: null,
    });
    expect(rest).toHaveLength(2);
    expect(rest).toContainEqual(
      expect.objectContaining({ events: 1, rejected: 1, sender: expect.anything() }),
    );
    expect(rest).toContainEqual(
      expect.objectContaining({
        sender: { id: null, name: "github: hookshot", identifiedBy: "signature" },
        suggestion: null,
      }),
    );
  });

  it("of the time that is asked for", async () => {
    const at = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
    const early = await call(a, "GET", `${path}?from=${at(48)}&to=${at(24)}`);
    expect(rowsOf(early.json)).toMatchObject([
      { events: 1, sender: { name: "legacy/1 @ 192.0.2.7" } },
      { events: 0, sender: { id: known } },
    ]);
    const long = await call(a, "GET", `${path}?from=${at(300)}`);
    expect(rowsOf(long.json)[0]).toMatchObject({ events: 4 });
    expect(rowsOf(long.json)[1]).toMatchObject({ blocked: 107 });
    for (const query of ["from=yesterday", `from=${at(1)}&to=${at(2)}`, "since=1"]) {
      const answer = await call(a, "GET", `${path}?${query}`);
      expect([query, answer.status]).toEqual([query, 400]);
    }
  });

  it("a suggestion registers its sender as it is", async () => {
    const { json } = await call(a, "GET", path);
    const made = await register(rowsOf(json)[0]?.suggestion as Json, source);
    expect(made.json).toMatchObject({ match: { ips: ["192.0.2.7"], userAgent: "legacy/1" } });
  });

  it("says when there are too many events to look at, and how far back it looked", async () => {
    const tenant = await makeTenant("senders-many");
    const many = await makeSource({ slug: "sent-many" }, tenant);
    const start = Date.now() - HOUR_MS / 2;
    await bindings.EVENTS_0.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i <= ?)
       INSERT INTO events (id, organization_id, source_id, sender_name, received_at, hops, status, method, host, path,
         query, headers, size, sha256)
       SELECT ? || printf('%06d', i), 'org', ?, 'many', ? + i, 0, 'routed', 'POST', 'h', '/', '', '[]', 0, ''
       FROM n`,
    )
      .bind(MAX_COUNTED_EVENTS, newId("event", start, 0).slice(0, -6), many, start)
      .run();
    const { json } = await call(tenant, "GET", `/sources/${many}/senders/counts`);
    expect(json.truncated).toBe(true);
    // Events of other sources in the same database count towards the limit too.
    const [{ events } = {}] = rowsOf(json);
    expect(events).toBeGreaterThan(MAX_COUNTED_EVENTS - 100);
    expect(events).toBeLessThanOrEqual(MAX_COUNTED_EVENTS);
    expect(Date.parse(String(json.since))).toBeGreaterThan(start);
    await bindings.EVENTS_0.prepare("DELETE FROM events WHERE source_id = ?").bind(many).run();
  });
});

describe("events and rules", () => {
  it("events are filtered by id, by name, and by whether their sender is known", async () => {
    const source = await makeSource({ slug: "sent-filter" });
    const { id } = (await register({ name: "billing-9" }, source)).json as { id: string };
    const more = { sourceId: source, senderId: id, senderBy: "key" as const };
    const byKey = await insertEvent(a, { ...more, senderName: "billing-9", status: "muted" });
    const signed = await insertEvent(a, {
      sourceId: source,
      senderName: "github: x",
      senderBy: "signature",
    });
    const unknown = await insertEvent(a, { sourceId: source });
    const list = async (query: string) =>
      ids(await call(a, "GET", `/events?sourceId=${source}&${query}`)).toSorted();
    expect(await list(`sender=${id}`)).toEqual([byKey]);
    expect(await list("sender=billing-*")).toEqual([byKey]);
    expect(await list("identified=true")).toEqual([byKey, signed].toSorted());
    expect(await list("identified=false")).toEqual([unknown]);
    expect(await list("status=muted")).toEqual([byKey]);
    expect((await call(a, "GET", "/events?identified=yes")).status).toBe(400);
    const event = await call(a, "GET", `/events/${byKey}`);
    expect(event.json.sender).toEqual({ id, name: "billing-9", identifiedBy: "key" });
  });

  it("a rule is tried by a sender's id, on stored and on made-up events", async () => {
    const id = newId("sender");
    const eventId = await insertEvent(a, { senderId: id, senderName: "billing-2" });
    const test = (body: Json) => call(a, "POST", "/rules/test", body);
    const hit = await test({ match: { sender: id }, eventId });
    expect(hit.json).toMatchObject({
      matched: true,
      trace: [{ check: "sender", actual: `"${id}" (text)`, ok: true }],
    });
    expect((await test({ match: { sender: "billing-*" }, eventId })).json.matched).toBe(true);
    const miss = await test({ match: { sender: newId("sender") }, eventId });
    expect(miss.json).toMatchObject({ matched: false, trace: [{ actual: `"${id}" (text)` }] });
    const event = { method: "POST", path: "/", sender: { id, name: "made up" } };
    expect((await test({ match: { sender: id }, event })).json.matched).toBe(true);
    const without = { method: "POST", path: "/", sender: "made up" };
    expect((await test({ match: { sender: id }, event: without })).json).toMatchObject({
      matched: false,
      trace: [{ actual: "missing" }],
    });
  });

  it("a muted sender's event is handed on by a replay", async () => {
    const source = await makeSource({ slug: "sent-replay" });
    const made = await call(a, "POST", "/destinations", {
      name: "x",
      kind: "http",
      config: { url: "https://receiver.example/" },
      enabled: false,
    });
    const destinationId = String(made.json.id);
    await call(a, "POST", "/rules", { sourceId: source, destinationId, name: "all", match: {} });
    const eventId = await insertEvent(a, { sourceId: source, status: "muted" });
    const replayed = await call(a, "POST", `/events/${eventId}/replay`, {});
    expect(replayed.status).toBe(201);
    expect(replayed.json.deliveries).toMatchObject([{ eventId, destinationId }]);
    await control.delete(rules).where(eq(rules.destinationId, destinationId));
    await control.delete(destinations).where(eq(destinations.id, destinationId));
  });
});

it("nobody sees, changes or counts another organization's senders", async () => {
  const { id } = (await register({ name: "private" })).json;
  const path = `/sources/${sourceId}/senders`;
  for (const [method, where, body] of [
    ["GET", path, undefined],
    ["GET", `${path}/counts`, undefined],
    ["GET", `${path}/${id}`, undefined],
    ["POST", path, { name: "intruder" }],
    ["PATCH", `${path}/${id}`, { state: "blocked" }],
    ["DELETE", `${path}/${id}`, undefined],
  ] as const) {
    expect((await call(b, method, where, body)).status).toBe(404);
  }
  expect((await call(a, "GET", `${path}/${id}`)).json).toMatchObject({ state: "active" });
});

describe("a sender's phone", () => {
  it("is kept as it is dialled, changed, and taken away", async () => {
    const made = await register({ name: "with a phone", phone: "+82 10-1234-5678" });
    expect([made.status, made.json.phone]).toEqual([201, "01012345678"]);
    const path = `/sources/${sourceId}/senders/${made.json.id}`;
    const renamed = await call(a, "PATCH", path, { name: "with one phone" });
    expect(renamed.json).toMatchObject({ phone: "01012345678" });
    const changed = await call(a, "PATCH", path, { phone: "010 2222 3333" });
    expect(changed.json).toMatchObject({ name: "with one phone", phone: "01022223333" });
    expect((await call(a, "GET", path)).json).toMatchObject({ phone: "01022223333" });
    const { json } = await call(a, "GET", `/sources/${sourceId}/senders`);
    expect(json.data).toContainEqual(expect.objectContaining({ phone: "01022223333" }));
    expect((await call(a, "PATCH", path, { phone: null })).json).toMatchObject({ phone: null });
    expect((await register({ name: "without a phone" })).json).toMatchObject({ phone: null });
  });

  it.each(["", "kim", "1234567", "0".repeat(16), 1012345678, "010-1234-56ab"])(
    "%j is refused, and says how to mend it",
    async (phone) => {
      const answer = await register({ name: "bad phone", phone });
      expect([answer.status, wrongFields(answer)]).toEqual([422, ["phone"]]);
    },
  );

  it("is another organization's secret", async () => {
    const { json } = await register({ name: "private", phone: "01077770000" });
    const path = `/sources/${sourceId}/senders/${json.id}`;
    const answer = await call(b, "PATCH", path, { phone: "01000000000" });
    expect([answer.status, answer.text.includes("01077770000")]).toEqual([404, false]);
  });
});
