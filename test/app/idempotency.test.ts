import { beforeAll, expect, it } from "vitest";
import { IDEMPOTENCY_WINDOW_MS } from "../../src/idempotency.ts";
import { bindings, call, ids, makeTenant, type Tenant, wrongFields } from "./support.ts";

let a: Tenant;
let b: Tenant;
beforeAll(async () => {
  a = await makeTenant("idempotency-a");
  b = await makeTenant("idempotency-b");
});

it("the same key and body gets the first answer, and creates once", async () => {
  const headers = { "idempotency-key": "one" };
  const first = await call(a, "POST", "/sources", { slug: "once" }, headers);
  const second = await call(a, "POST", "/sources", { slug: "once" }, headers);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.json).toEqual(first.json);
});

it("another body under the same key is 422, another organization's key is its own", async () => {
  const headers = { "idempotency-key": "two" };
  await call(a, "POST", "/sources", { slug: "first-body" }, headers);
  const other = await call(a, "POST", "/sources", { slug: "other-body" }, headers);
  expect([other.status, wrongFields(other)]).toEqual([422, ["Idempotency-Key"]]);
  expect((await call(b, "POST", "/sources", { slug: "other-body" }, headers)).status).toBe(201);
});

it("of many at once with one key all get one answer", async () => {
  const headers = { "idempotency-key": "many" };
  const body = { slug: "at-once", hostnames: ["at-once.example.com"] };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => call(a, "POST", "/sources", body, headers)),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(201));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  const all = await call(a, "GET", "/sources?limit=100");
  expect(ids(all).filter((id) => id === answers[0]?.json.id)).toHaveLength(1);
});

it("a refused request leaves its key free", async () => {
  const headers = { "idempotency-key": "refused" };
  expect((await call(a, "POST", "/sources", { slug: "once" }, headers)).status).toBe(409);
  expect((await call(a, "POST", "/sources", { slug: "next" }, headers)).status).toBe(201);
});

it.each([
  ["an empty", ""],
  ["an endless", "k".repeat(256)],
])("%s key is 422", async (_, key) => {
  const headers = { "idempotency-key": key };
  const answer = await call(a, "POST", "/sources", { slug: "endless" }, headers);
  expect([answer.status, wrongFields(answer)]).toEqual([422, ["Idempotency-Key"]]);
});

it("a key is free again after 24 h, whether or not it has been pruned", async () => {
  const headers = { "idempotency-key": "yesterday" };
  const make = (slug: string) => call(a, "POST", "/sources", { slug }, headers);
  expect((await make("day-one")).status).toBe(201);
  expect((await make("day-two")).status).toBe(422);
  await bindings.DB.prepare("UPDATE idempotency_keys SET created_at = created_at - ? WHERE key = ?")
    .bind(IDEMPOTENCY_WINDOW_MS + 1, "yesterday")
    .run();
  expect((await make("day-two")).status).toBe(201);
  expect((await make("day-three")).status).toBe(422);
});
