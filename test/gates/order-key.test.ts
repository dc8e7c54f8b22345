import { expect, it } from "vitest";
import { orderKeyOf } from "../../src/gates/order-key.ts";

const event = (body: string | null, more: Record<string, unknown> = {}) => ({
  method: "POST",
  host: "x",
  path: "/",
  query: "",
  headers: [["X-Account", "42"]] as [string, string][],
  senderName: "curl @ 127.0.0.1",
  senderId: null,
  contentType: "application/json",
  body: body === null ? null : new TextEncoder().encode(body),
  ...more,
});

it.each([
  ["json:account.id", '{"account":{"id":"a1"}}', "a1"],
  ["json:account.id", '{"account.id":7}', "7"],
  ["json:items.id", '{"items":[{"id":1},{"id":2}]}', "1"],
  ["json:account", '{"account":{"id":1}}', '{"id":1}'],
  ["json:account", '{"account":null}', null],
  ["json:account", "{}", null],
  ["json:account", "not json", null],
  ["json:account", null, null],
  ["header:x-account", "", "42"],
  ["header:x-other", "", null],
  ["sender", "", "curl @ 127.0.0.1"],
])("%s of %j is %j", async (orderKey, body, key) => {
  expect(await orderKeyOf(orderKey, event(body))).toBe(key);
});

it("goes by the sender's id when it has one", async () => {
  expect(await orderKeyOf("sender", event("", { senderId: "snd_1" }))).toBe("snd_1");
});

it("keeps a long value as its hash", async () => {
  const long = JSON.stringify({ k: "x".repeat(5000) });
  expect(await orderKeyOf("json:k", event(long))).toMatch(/^sha256:[0-9a-f]{64}$/);
});
