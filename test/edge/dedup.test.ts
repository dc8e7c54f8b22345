import { beforeAll, describe, expect, it } from "vitest";
import { openEvents } from "../../src/db/client.ts";
import { storeOnce } from "../../src/ingest/store-once.ts";
import { VECTORS } from "../verification/vectors.ts";
import { count, edgeEnv, failingR2, makeSource, randomBytes, send, sendWith } from "./support.ts";

const WINDOW = { windowSeconds: 60 };
const github = { preset: "github" as const, secrets: ["It's a Secret to Everybody"] };

beforeAll(async () => {
  await makeSource("dhead", { dedup: { from: "header:X-Delivery", ...WINDOW } });
  await makeSource("djson", {
    dedup: { from: "json:data.id", ...WINDOW },
    response: { status: 200, headers: { "x-own": "1" }, body: "OK" },
  });
  await makeSource("dbody", { dedup: { from: "body", ...WINDOW } });
  await makeSource("dshort", { dedup: { from: "header:x-delivery", windowSeconds: 1 } });
  await makeSource("dstore", {
    dedup: { from: "header:x-delivery", ...WINDOW },
    verification: { ...github, onFailure: "store" },
  });
});

type Answer = { status: number; id: string | null; duplicate: string | null };

async function answerOf(response: Response): Promise<Answer> {
  await response.arrayBuffer();
  const { headers, status } = response;
  return {
    status,
    id: headers.get("x-baton-event-id"),
    duplicate: headers.get("x-baton-duplicate"),
  };
}

async function post(slug: string, body: BodyInit, headers: HeadersInit = {}): Promise<Answer> {
  return answerOf(await send(`http://${slug}.localhost/`, { method: "POST", headers, body }));
}

const eventsOf = (slug: string) => count("events", `source_id = 'src_${slug}'`);

describe("a duplicate", () => {
  it("by header: the first id, marked, same status; another value is another event", async () => {
    const first = await post("dhead", "a", { "x-delivery": "1" });
    expect(first).toEqual({ status: 202, id: expect.any(String), duplicate: null });
    const second = await post("dhead", "b", { "x-delivery": "1" });
    expect(second).toEqual({ ...first, duplicate: "true" });
    const other = await post("dhead", "a", { "x-delivery": "2" });
    expect([other.duplicate, other.id === first.id]).toEqual([null, false]);
  });

  it("by JSON path: the source's own answer, whatever else differs", async () => {
    const first = await post("djson", '{"data":{"id":1},"try":1}');
    const second = await post("djson", '{"data":{"id":1},"try":2}');
    expect(first).toMatchObject({ status: 200, duplicate: null });
    expect(second).toEqual({ ...first, duplicate: "true" });
  });

  it("by body, also one that lies in R2; of the duplicates none stays there", async () => {
    const body = randomBytes(400 * 1024);
    const before = (await edgeEnv.BODIES.list()).objects.length;
    const first = await post("dbody", body);
    const answers = await Promise.all([post("dbody", body), post("dbody", body)]);
    expect(answers).toEqual([
      { ...first, duplicate: "true" },
      { ...first, duplicate: "true" },
    ]);
    await expect.poll(async () => (await edgeEnv.BODIES.list()).objects.length).toBe(before + 1);
    const row = await edgeEnv.EVENTS_0.prepare("SELECT body_key FROM events WHERE id = ?")
      .bind(first.id)
      .first<{ body_key: string }>();
    expect((await edgeEnv.BODIES.head(row?.body_key ?? ""))?.size).toBe(body.length);
  });

  it("by JSON path in a body that lies in R2", async () => {
    const text = JSON.stringify({ pad: "x".repeat(300 * 1024), data: { id: "large" } });
    const first = await post("djson", text);
    expect(await post("djson", `${text} `)).toEqual({ ...first, duplicate: "true" });
  });
});

it.each([
  ["dhead", {}, "same"],
  ["dhead", { "x-delivery": "" }, "same"],
  ["djson", {}, "{}"],
  ["djson", {}, '{"data":{"id":null}}'],
  ["djson", {}, "no json"],
  ["djson", {}, ""],
  ["dbody", {}, ""],
])("%s with %j and body %j has no value: never a duplicate", async (slug, headers, body) => {
  const before = await eventsOf(slug);
  const answers = [await post(slug, body, headers), await post(slug, body, headers)];
  expect(answers.map(({ duplicate }) => duplicate)).toEqual([null, null]);
  expect(await eventsOf(slug)).toBe(before + 2);
});

it("ids beyond 2^53 are told apart", async () => {
  const first = await post("djson", '{"data":{"id":12345678901234567890}}');
  const second = await post("djson", '{"data":{"id":12345678901234567891}}');
  expect([second.duplicate, second.id === first.id]).toEqual([null, false]);
});

it("one value at two sources is two events", async () => {
  await makeSource("dtwin", { dedup: { from: "header:x-delivery", ...WINDOW } });
  const answers = [
    await post("dhead", "x", { "x-delivery": "twin" }),
    await post("dtwin", "x", { "x-delivery": "twin" }),
  ];
  expect(answers.map(({ duplicate }) => duplicate)).toEqual([null, null]);
});

it("after the window the value is new, and then a duplicate of the second", async () => {
  const first = await post("dshort", "x", { "x-delivery": "w" });
  expect((await post("dshort", "x", { "x-delivery": "w" })).id).toBe(first.id);
  await new Promise((resolve) => setTimeout(resolve, 1050));
  const second = await post("dshort", "x", { "x-delivery": "w" });
  expect([second.duplicate, second.id === first.id]).toEqual([null, false]);
  expect(await post("dshort", "x", { "x-delivery": "w" })).toEqual({
    ...second,
    duplicate: "true",
  });
});

it("1,000 concurrent equal requests: one event, one task, 1,000 answers with one id", async () => {
  const sent: { eventId: string }[] = [];
  const queue = { send: async (task: { eventId: string }) => void sent.push(task) };
  const EVENTS_QUEUE = queue as unknown as EdgeEnv["EVENTS_QUEUE"];
  const init = { method: "POST", headers: { "x-delivery": "thousand" }, body: "{}" };
  const answers = await Promise.all(
    Array.from({ length: 1000 }, async () =>
      answerOf(await sendWith({ EVENTS_QUEUE }, "http://dhead.localhost/thousand", init)),
    ),
  );
  const ids = new Set(answers.map(({ id }) => id));
  expect([ids.size, new Set(answers.map(({ status }) => status))]).toEqual([1, new Set([202])]);
  expect(answers.filter(({ duplicate }) => duplicate === null)).toHaveLength(1);
  expect(await count("events", "path = '/thousand'")).toBe(1);
  expect(sent).toEqual([{ eventId: [...ids][0], sourceId: "src_dhead" }]);
}, 60_000);

it("a failed insert leaves no key: the retry is stored", async () => {
  const sent: unknown[] = [];
  const queue = { send: async (task: unknown) => void sent.push(task) } as unknown as Queue<never>;
  const stores = { db: openEvents(edgeEnv.EVENTS_0), queue, waitUntil: () => {} };
  const source = {
    id: "src_dfail",
    organizationId: "org_test",
    slug: "dfail",
    shard: 0,
    enabled: true,
    response: null,
    verification: null,
    dedup: { from: "body", ...WINDOW },
    preset: "generic" as const,
    requireSender: false,
    senders: [],
  };
  const captured = {
    method: "POST",
    host: "dfail.localhost",
    path: "/",
    query: "",
    headers: [],
    contentType: null,
    ip: null,
    senderId: null,
    senderName: "test",
    senderBy: null,
    network: {},
    hops: 0,
    body: { size: 0, sha256: "", inline: null, key: null },
  };
  const key = { key: "k", windowMs: 60_000 };
  // `method` is NOT NULL: the batch's second statement fails after the first has won the key.
  const broken = { ...captured, method: null as unknown as string };
  await expect(storeOnce(stores, source, broken, key)).rejects.toThrow("could not be stored");
  expect([await count("dedup_keys", "source_id = 'src_dfail'"), sent]).toEqual([0, []]);
  const retried = await storeOnce(stores, source, captured, key);
  expect(retried.duplicate).toBe(false);
  expect(sent).toEqual([{ eventId: retried.id, sourceId: "src_dfail" }]);
});

it("R2 cannot be read for a key: 503, and the body does not stay", async () => {
  const BODIES = failingR2({ get: () => Promise.reject(new Error("R2 is down")) });
  const text = JSON.stringify({ pad: "x".repeat(300 * 1024), data: { id: "unread" } });
  const before = (await edgeEnv.BODIES.list()).objects.length;
  const init = { method: "POST", body: text };
  const response = await sendWith({ BODIES }, "http://djson.localhost/", init);
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
  expect((await edgeEnv.BODIES.list()).objects.length).toBe(before);
  expect((await post("djson", text)).duplicate).toBeNull();
});

it("a value matches no key of an earlier `from`", async () => {
  const first = await post("dhead", "x", { "x-delivery": "moved" });
  await makeSource("dmoved", { dedup: { from: "header:x-other", ...WINDOW } });
  // As if `from` had been changed by a PATCH: the key of the first is this source's.
  await edgeEnv.EVENTS_0.prepare("UPDATE dedup_keys SET source_id = ? WHERE event_id = ?")
    .bind("src_dmoved", first.id)
    .run();
  expect((await post("dmoved", "x", { "x-other": "moved" })).duplicate).toBeNull();
});

it("the database is down: 503, and a large body is looked after like any other", async () => {
  const failing = {
    prepare: (query: string) => edgeEnv.EVENTS_0.prepare(query),
    batch: () => Promise.reject(new Error("D1 is down")),
  } as unknown as D1Database;
  const body = randomBytes(400 * 1024);
  const before = (await edgeEnv.BODIES.list()).objects.length;
  const init = { method: "POST", body };
  const response = await sendWith({ EVENTS_0: failing }, "http://dbody.localhost/", init);
  expect(response.status).toBe(503);
  expect((await edgeEnv.BODIES.list()).objects.length).toBe(before);
  expect((await post("dbody", body)).duplicate).toBeNull();
});

it("a forged request that is stored wins no key: the true one is no duplicate", async () => {
  const vector = VECTORS.find(({ name }) => name === "github");
  const forged = { "x-delivery": "v", "x-hub-signature-256": `sha256=${"0".repeat(64)}` };
  expect((await post("dstore", "forged", forged)).status).toBe(202);
  const body = '{"id":7,"text":"결제 완료"}';
  const genuine = await post("dstore", body, { "x-delivery": "v", ...vector?.headers });
  expect(genuine).toMatchObject({ status: 202, duplicate: null });
});
