import { beforeAll, expect, it } from "vitest";
import { attempts, deliveries } from "../../src/db/schema/events.ts";
import { newId } from "../../src/ids.ts";
import { call, insertEvent, makeTenant, shard, type Tenant } from "./support.ts";

const MASK = "********";
let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("curl-a");
});

const bytes = (text: string) => new Uint8Array(new TextEncoder().encode(text));

async function attempted(
  eventId: string,
  more: Partial<typeof deliveries.$inferInsert> = {},
): Promise<string> {
  const id = newId("delivery", Date.now(), 0);
  await shard.insert(deliveries).values({
    id,
    organizationId: a.organizationId,
    eventId,
    sourceId: "src_x",
    destinationId: "dst_x",
    status: "failed",
    createdAt: Date.now(),
    attempt: 2,
    attemptId: newId("attempt"),
    startedAt: Date.now(),
    outcome: "failed",
    request: {
      method: "POST",
      url: "https://receiver.example/it's",
      headers: [
        ["content-type", "text/plain"],
        ["authorization", "Bearer canary-1"],
        ["x-api-key", "canary-2"],
        ["x-note", "it's"],
      ],
    },
    ...more,
  });
  return id;
}

const curlOf = (id: string, number: number | string) =>
  call(a, "GET", `/deliveries/${id}/attempts/${number}/curl`);

it("is a command with the attempt's request; what may be secret is masked", async () => {
  const id = await attempted(await insertEvent(a, { body: bytes("it's\n승인") }));
  const { status, text, headers } = await curlOf(id, 2);
  expect([status, headers.get("content-type")]).toEqual([
    200,
    expect.stringMatching(/^text\/plain/),
  ]);
  expect(text).toBe(
    `printf %s 'it'\\''s\n승인' | curl -X POST 'https://receiver.example/it'\\''s' \\
  -H 'content-type: text/plain' \\
  -H 'authorization: ${MASK}' \\
  -H 'x-api-key: ${MASK}' \\
  -H 'x-note: it'\\''s' \\
  --data-binary @-
`,
  );
});

it("masks parameters of the query that may be secret, and leaves the rest as it was sent", async () => {
  const eventId = await insertEvent(a);
  const query =
    "a=1&api_key=canary-3&%74oken=canary-4&x=%zz&Password=canary-5;X-Amz-Signature=canary-6&b=2#key=part";
  const url = `https://receiver.example/key=path?${query}`;
  const request = { method: "GET", url, headers: [] };
  const { text } = await curlOf(await attempted(eventId, { request }), 2);
  expect(text).not.toContain("canary");
  expect(text).toContain(
    `https://receiver.example/key=path?a=1&api_key=${MASK}&%74oken=${MASK}&x=%zz&Password=${MASK};X-Amz-Signature=${MASK}&b=2#key=part`,
  );
});

it("sends what was sent instead of the event's body, and a binary body as Base64", async () => {
  const eventId = await insertEvent(a, { body: Uint8Array.of(0, 1, 255) });
  expect((await curlOf(await attempted(eventId), 2)).text).toMatch(
    /^printf %s AAH\/ \| base64 -d \| curl/,
  );
  const own = await attempted(eventId, { requestBody: bytes("{}") });
  expect((await curlOf(own, 2)).text).toMatch(/^printf %s '\{\}' \| curl/);
  const edited = await attempted(eventId, { editBody: bytes("edited") });
  expect((await curlOf(edited, 2)).text).toMatch(/^printf %s edited \| curl/);
});

it("fetches a large body from the event", async () => {
  const eventId = await insertEvent(a, { size: 300_000, bodyKey: "2026-11-21/src_x/key" });
  const { text } = await curlOf(await attempted(eventId), 2);
  expect(text).toContain(
    `curl -sS -H 'authorization: Bearer <API key>' http://localhost:8787/api/v1/events/${eventId}/body | curl -X POST`,
  );
});

it("knows earlier attempts, and says when there is none or nothing was sent", async () => {
  const id = await attempted(await insertEvent(a), { request: null });
  await shard.insert(attempts).values({
    deliveryId: id,
    number: 1,
    id: newId("attempt"),
    startedAt: Date.now(),
    outcome: "failed",
    request: { method: "GET", url: "https://receiver.example/", headers: [] },
  });
  expect((await curlOf(id, 1)).text).toBe("curl https://receiver.example/\n");
  for (const number of [2, 3, 0, "x"]) expect((await curlOf(id, number)).status).toBe(404);
});
