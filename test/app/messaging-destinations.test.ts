import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { destinations } from "../../src/db/schema/control.ts";
import { call, control, fetchApp, makeTenant, type Tenant, wrongFields } from "./support.ts";

const SECRET = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";
const DISCORD = { url: `https://discord.com/api/webhooks/123/${SECRET}` };
const TELEGRAM = { token: `110201543:${SECRET}`, chatId: -1001234567890 };
const MASKED = {
  discord: { url: "https://discord.com/api/webhooks/123/********" },
  telegram: {
    token: "110201543:********",
    chatId: -1001234567890,
    baseUrl: "https://api.telegram.org",
  },
};

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("messaging");
});

const create = (kind: string, config: object) =>
  call(a, "POST", "/destinations", { name: "people", kind, config });

describe.each([
  ["discord", DISCORD, MASKED.discord],
  ["telegram", TELEGRAM, MASKED.telegram],
] as const)("%s", (kind, config, masked) => {
  it("is answered masked everywhere and stored sealed", async () => {
    const made = await create(kind, config);
    expect([made.status, made.json]).toMatchObject([201, { kind, config: masked, retry: null }]);
    const id = String(made.json.id);
    const read = await call(a, "GET", `/destinations/${id}`);
    expect(read.json).toEqual(made.json);
    const list = await call(a, "GET", "/destinations");
    const row = await control.select().from(destinations).where(eq(destinations.id, id)).get();
    expect(row?.kind).toBe(kind);
    for (const shown of [made.text, read.text, list.text, JSON.stringify(row)]) {
      expect(shown).not.toContain(SECRET);
    }
  });

  it("a PATCH with its mask changes nothing", async () => {
    const { json } = await create(kind, config);
    const path = `/destinations/${String(json.id)}`;
    const patched = await call(a, "PATCH", path, { name: "new", config: masked });
    expect([patched.status, patched.json]).toMatchObject([200, { name: "new", config: masked }]);
  });
});

it.each([
  ["discord", { url: "https://example.org/api/webhooks/1/x" }, "config.url"],
  ["discord", { url: "https://discord.com/api/webhooks/1" }, "config.url"],
  ["discord", { url: MASKED.discord.url }, "config.url"],
  ["discord", { url: "http://localhost:8787/api/webhooks/1/x" }, "config.url"],
  ["discord", { ...DISCORD, username: "x" }, "config.username"],
  ["telegram", { ...TELEGRAM, token: "short" }, "config.token"],
  ["telegram", { ...TELEGRAM, token: MASKED.telegram.token }, "config.token"],
  ["telegram", { token: TELEGRAM.token }, "config.chatId"],
  ["telegram", { ...TELEGRAM, chatId: "name" }, "config.chatId"],
  ["telegram", { ...TELEGRAM, baseUrl: "http://example.org" }, "config.baseUrl"],
  ["telegram", { ...TELEGRAM, baseUrl: "https://10.0.0.1" }, "config.baseUrl"],
  ["telegram", { ...TELEGRAM, baseUrl: "http://localhost:8787" }, "config.baseUrl"],
  ["telegram", { ...TELEGRAM, parseMode: "HTML" }, "config.parseMode"],
])("%s refuses %j with 422 and the field's name", async (kind, config, path) => {
  const made = await create(kind, config);
  expect([made.status, wrongFields(made)]).toEqual([422, [path]]);
  expect(made.text).not.toContain(SECRET);
});

it.each([
  ["discord", DISCORD, { url: "https://discord.com/api/webhooks/124/********" }, "config.url"],
  ["discord", DISCORD, { url: null }, "config.url"],
  ["telegram", TELEGRAM, { token: "1:********" }, "config.token"],
  ["telegram", TELEGRAM, { baseUrl: "https://192.168.0.1" }, "config.baseUrl"],
  ["telegram", TELEGRAM, { chatId: "5" }, "config.chatId"],
])("a PATCH of %s from %j by %j is refused", async (kind, config, patch, path) => {
  const { json } = await create(kind, config);
  const answer = await call(a, "PATCH", `/destinations/${String(json.id)}`, { config: patch });
  expect([answer.status, wrongFields(answer)]).toEqual([422, [path]]);
  expect(answer.text).not.toContain(SECRET);
});

it("a telegram base URL at a source's own hostname is refused as a loop", async () => {
  const source = { slug: "messaging-loop", hostnames: ["hooks.messaging-loop.example"] };
  expect((await call(a, "POST", "/sources", source)).status).toBe(201);
  const baseUrl = "https://hooks.messaging-loop.example/x";
  const made = await create("telegram", { ...TELEGRAM, baseUrl });
  expect([made.status, wrongFields(made)]).toEqual([422, ["config.baseUrl"]]);
});

it("the OpenAPI document and a refused kind name every kind of this release", async () => {
  const text = await (await fetchApp("/api/openapi.json")).text();
  const made = await create("nonsense", {});
  for (const kind of ["http", "slack", "discord", "telegram"]) {
    expect(text).toContain(`"${kind}"`);
    expect(made.text).toContain(`\`${kind}\``);
  }
  expect(wrongFields(made)).toEqual(["kind"]);
});
