import { describe, expect, it } from "vitest";
import { deliver } from "../../src/destinations/deliver.ts";
import { runJob } from "../../src/jobs/run-job.ts";
import { eventWith, inputOf } from "../destinations/fixtures.ts";
import { MEBIBYTE, random } from "./driver.ts";
import {
  attemptsOf,
  consume,
  consumerEnv,
  deliveryOf,
  expire,
  fakeQueues,
  makeEvent,
  makeKind,
  makeRule,
  makeSource,
} from "./support.ts";

const { BODIES } = consumerEnv;

async function archiveTo(prefix: string) {
  const { env } = fakeQueues();
  const source = await makeSource();
  await makeRule(source, await makeKind("r2", { prefix }));
  return { env, source };
}

async function objectsOf(prefix: string) {
  const { objects } = await BODIES.list({ prefix: `archive/org_test/${prefix}/` });
  return objects.map(({ key }) => key);
}

const textOf = async (key: string) => (await BODIES.get(key))?.text();

it("an event becomes an object of one line, and a further try writes the same one", async () => {
  const { env, source } = await archiveTo("orders/paid");
  const at = Date.UTC(2026, 10, 21, 9, 30, 5);
  const { eventId } = await makeEvent(source, { body: '{"a":"한"}', path: "/orders/1", at });
  await consume(env, "events", [{ eventId, sourceId: source }]);
  const delivery = await deliveryOf(eventId);
  expect(delivery).toMatchObject({ status: "succeeded", receipt: null });
  const key = `archive/org_test/orders/paid/2026/11/21/${eventId}-${delivery.id}.ndjson`;
  expect(await objectsOf("orders/paid")).toEqual([key]);
  const object = await BODIES.get(key);
  expect(object?.httpMetadata?.contentType).toBe("application/x-ndjson");
  const line = await object?.text();
  expect(line).toBe(
    `${JSON.stringify({
      id: eventId,
      receivedAt: "2026-11-21T09:30:05.000Z",
      source: { slug: source.slice(4), name: "Shop" },
      sender: { id: null, name: "curl @ 127.0.0.1" },
      method: "POST",
      path: "/orders/1",
      query: "",
      headers: [["content-type", "text/plain"]],
      contentType: "text/plain",
      body: '{"a":"한"}',
    })}\n`,
  );
  await consumerEnv.EVENTS_0.prepare("UPDATE deliveries SET status = 'retrying' WHERE id = ?")
    .bind(delivery.id)
    .run();
  await expire(delivery.id, "next_attempt_at");
  await consume(env, "deliveries", [{ deliveryId: delivery.id }]);
  expect(await attemptsOf(delivery.id)).toHaveLength(1);
  expect([await objectsOf("orders/paid"), await textOf(key)]).toEqual([[key], line]);
});

it("a failing bucket is tried again", async () => {
  const { env, source } = await archiveTo("failing");
  const put = () => Promise.reject(new Error("R2 is down"));
  const down = { ...env, BODIES: { put, get: BODIES.get.bind(BODIES) } as unknown as R2Bucket };
  const task = await makeEvent(source);
  await consume(down, "events", [task]);
  const delivery = await deliveryOf(task.eventId);
  expect(delivery).toMatchObject({ status: "retrying", reason: "storage_failed" });
  await expire(delivery.id, "next_attempt_at");
  await consume(env, "deliveries", [{ deliveryId: delivery.id }]);
  expect((await deliveryOf(task.eventId)).status).toBe("succeeded");
});

it("the prune job leaves archives alone, however old they are", async () => {
  const { env, source } = await archiveTo("old");
  const task = await makeEvent(source, { at: Date.now() - 400 * 86_400_000 });
  await consume(env, "events", [task]);
  const before = await objectsOf("old");
  expect(before).toHaveLength(1);
  const orphan = "2020-01-01/src_01k9zzzzzzzzzzzzzzzzzzzzzz/00000000-0000-4000-8000-000000000000";
  await BODIES.put(orphan, "x");
  await runJob(env, "prune");
  await runJob(env, "prune");
  expect([await objectsOf("old"), await BODIES.head(orphan)]).toEqual([before, null]);
});

describe("the line", () => {
  const input = (
    more: Parameters<typeof eventWith>[1],
    body: Parameters<typeof eventWith>[0] = "",
  ) =>
    inputOf(eventWith(body, more), {
      stores: {
        bodies: BODIES,
        db: undefined as never,
        channels: undefined as never,
        mailboxes: undefined as never,
      },
    });
  const write = async (made: ReturnType<typeof input>, prefix = crypto.randomUUID()) => {
    const { outcome, request, requestBody } = await deliver("r2", { prefix }, made);
    const text = await textOf((request?.url ?? "").replace("r2://", ""));
    const recorded = requestBody && new TextDecoder().decode(requestBody);
    return { outcome, url: request?.url, line: text && JSON.parse(text), text, recorded };
  };

  it("of a body in storage is written as it streams, up to 25 MiB", async () => {
    for (const size of [300 * 1024 + 1, 5 * MEBIBYTE + 2, 25 * MEBIBYTE]) {
      const bytes = random(size);
      const key = crypto.randomUUID();
      await BODIES.put(key, bytes);
      const openBody = async () => (await BODIES.get(key))?.body ?? null;
      const { outcome, line } = await write(input({ size, openBody }));
      expect(outcome).toEqual({ ok: true });
      const back = Uint8Array.fromBase64(line.bodyBase64);
      expect([back.length, await digest(back)]).toEqual([size, await digest(bytes)]);
    }
  });

  it("of a body that is no text has it in Base64, and of no body none", async () => {
    const { line } = await write(input({}, new Uint8Array([0xff, 0x00])));
    expect([line.body, line.bodyBase64]).toEqual([undefined, "/wA="]);
    expect((await write(input({}))).line.body).toBe("");
  });

  it("has headers masked, as the API shows them", async () => {
    const headers: [string, string][] = [
      ["authorization", "Bearer secret"],
      ["x-a", "b"],
    ];
    const { line, text } = await write(input({ headers }, "x"));
    expect(line.headers).toEqual([
      ["authorization", "********"],
      ["x-a", "b"],
    ]);
    expect(text).not.toContain("secret");
  });

  it.each([
    [{ kind: "json", contentType: "application/json", json: { a: [1] } } as const, '{"a":[1]}\n'],
    [{ kind: "text", contentType: "text/plain", text: "a\nb" } as const, '"a\\nb"\n'],
  ])("is what a transform made, and stands on record: %j", async (output, expected) => {
    const { text, recorded } = await write({ ...input({}, "x"), output });
    expect([text, recorded]).toEqual([expected, expected]);
  });

  it("of a sample has a place of its own", async () => {
    const { url } = await write({ ...input({}, "x"), sample: true }, "tested");
    expect(url).toBe("r2://archive/org_test/tested/test.ndjson");
  });

  it("of a body that is gone, or shorter than it was, is none", async () => {
    const gone = await write(input({ size: 5, openBody: async () => null }));
    expect(gone.outcome).toEqual({ ok: false, retry: false, reason: "body_missing" });
    const openBody = async () =>
      new Blob(["ab"]).stream() as ReadableStream<Uint8Array<ArrayBuffer>>;
    const short = await write(input({ size: 5, openBody }));
    expect(short.outcome).toMatchObject({ ok: false, retry: true });
    expect(short.line).toBeUndefined();
  });
});

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
