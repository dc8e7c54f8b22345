import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { destinations } from "../../src/db/schema/control.ts";
import { awaitCode } from "../support/mailbox-codes.ts";
import {
  bindings,
  call,
  control,
  fetchApp,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

const SECRET = "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0";
const DISCORD = { url: `https://discord.com/api/webhooks/123/${SECRET}` };
const TELEGRAM = { token: `110201543:${SECRET}`, chatId: -1001234567890 };
const SENS = {
  serviceId: "ncp:sms:kr:123456789012:relaytest",
  accessKey: "NCPAKEXAMPLE00000001",
  secretKey: `SENS${SECRET}`,
  from: "02-1588-1234",
  to: ["010-1234-5678", "+82 10-1234-5678", "01099990000"],
  dailyCap: 100,
};
const R2 = { prefix: "/orders/paid/" };
const MASKED = {
  discord: { url: "https://discord.com/api/webhooks/123/********" },
  telegram: {
    token: "110201543:********",
    chatId: -1001234567890,
    baseUrl: "https://api.telegram.org",
  },
  sens_sms: {
    serviceId: SENS.serviceId,
    accessKey: "********0001",
    secretKey: `********${SECRET.slice(-4)}`,
    from: "0215881234",
    to: ["01012345678", "01099990000"],
    type: "auto",
    dailyCap: 100,
    timeoutMs: 15_000,
    baseUrl: "https://sens.apigw.ntruss.com",
  },
  r2: { prefix: "orders/paid" },
  channel: { channel: "orders.paid", event: "message" },
  sms_code: { phone: "01012345678" },
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
  ["sens_sms", SENS, MASKED.sens_sms],
  ["r2", R2, MASKED.r2],
  ["channel", { channel: "orders.paid" }, MASKED.channel],
  ["sms_code", { phone: "+82 10-1234-5678" }, MASKED.sms_code],
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
  ["sens_sms", { ...SENS, serviceId: "ncp:kkobizmsg:kr:123456789012:x" }, "config.serviceId"],
  ["sens_sms", { ...SENS, serviceId: "ncp:sms:kr:123456789012:a/../b" }, "config.serviceId"],
  ["sens_sms", { ...SENS, accessKey: "short" }, "config.accessKey"],
  ["sens_sms", { ...SENS, accessKey: MASKED.sens_sms.accessKey }, "config.accessKey"],
  ["sens_sms", { ...SENS, secretKey: MASKED.sens_sms.secretKey }, "config.secretKey"],
  ["sens_sms", { ...SENS, from: "me" }, "config.from"],
  ["sens_sms", { ...SENS, to: ["010-1234-5678", "x"] }, "config.to.1"],
  ["sens_sms", { ...SENS, to: Array(1001).fill("01012345678") }, "config.to"],
  ["sens_sms", { ...SENS, to: "01012345678" }, "config.to"],
  ["sens_sms", { ...SENS, dailyCap: 0 }, "config.dailyCap"],
  ["sens_sms", { ...SENS, dailyCap: 1 }, "config.dailyCap"],
  ["sens_sms", { ...SENS, type: "MMS" }, "config.type"],
  ["sens_sms", { ...SENS, baseUrl: "http://example.org" }, "config.baseUrl"],
  ["sens_sms", { ...SENS, baseUrl: "https://example.org/sens" }, "config.baseUrl"],
  ["sens_sms", { ...SENS, baseUrl: "https://10.0.0.1" }, "config.baseUrl"],
  ["sens_sms", { ...SENS, baseUrl: "http://localhost:8787" }, "config.baseUrl"],
  ["sens_sms", { ...SENS, url: "https://example.org" }, "config.url"],
  ["r2", {}, "config.prefix"],
  ["r2", { prefix: "" }, "config.prefix"],
  ["r2", { prefix: "a/../b" }, "config.prefix"],
  ["r2", { prefix: "a//b" }, "config.prefix"],
  ["r2", { prefix: "한글" }, "config.prefix"],
  ["r2", { prefix: "x".repeat(201) }, "config.prefix"],
  ["r2", { prefix: "a", bucket: "b" }, "config.bucket"],
  ["channel", {}, "config.channel"],
  ["channel", { channel: "a b" }, "config.channel"],
  ["channel", { channel: "a", event: "gap" }, "config.event"],
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
  ["sens_sms", SENS, { secretKey: "********0000" }, "config.secretKey"],
  ["sens_sms", SENS, { from: null }, "config.from"],
  ["sens_sms", SENS, { dailyCap: 1 }, "config.dailyCap"],
  ["r2", R2, { prefix: ".." }, "config.prefix"],
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

it("a SENS config is changed key by key: recipients replaced, a cap taken away, a new secret in", async () => {
  const { json } = await create("sens_sms", SENS);
  const path = `/destinations/${String(json.id)}`;
  const patch = { to: ["010 7777 8888"], dailyCap: null, secretKey: "another-secret-key-9876" };
  const { dailyCap: _, ...rest } = MASKED.sens_sms;
  expect((await call(a, "PATCH", path, { config: patch })).json.config).toEqual({
    ...rest,
    to: ["01077778888"],
    secretKey: "********9876",
  });
});

it("the sample of an archive is written to a place of its own", async () => {
  const { json } = await create("r2", R2);
  const tested = await call(a, "POST", `/destinations/${String(json.id)}/test`);
  const key = `archive/${a.organizationId}/orders/paid/test.ndjson`;
  expect(tested.json).toMatchObject({ outcome: "succeeded", request: { url: `r2://${key}` } });
  expect(await (await bindings.BODIES.get(key))?.text()).toContain("This is a test from Baton.");
});

it("the OpenAPI document and a refused kind name every kind of this release", async () => {
  const text = await (await fetchApp("/api/openapi.json")).text();
  const made = await create("nonsense", {});
  for (const kind of ["http", "slack", "discord", "telegram", "sens_sms", "r2", "channel"]) {
    expect(text).toContain(`"${kind}"`);
    expect(made.text).toContain(`\`${kind}\``);
  }
  expect(wrongFields(made)).toEqual(["kind"]);
});

describe("a test of sms_code", () => {
  it("reaches the mailbox, and leaves nothing there that a login could claim", async () => {
    const phone = "01088880001";
    const { json } = await create("sms_code", { phone });
    const waiting = await awaitCode(bindings.CODE_MAILBOX, a.organizationId, phone);
    const tested = await call(a, "POST", `/destinations/${json.id}/test`);
    expect([tested.status, tested.json]).toMatchObject([
      200,
      {
        outcome: "succeeded",
        request: { method: "OFFER", url: "sms_code:*******0001" },
        response: { status: 200, body: '{"kept":false,"sample":true}' },
      },
    ]);
    expect(tested.text).not.toContain(phone);
    expect(await waiting.claim()).toBeNull();
    // The mailbox is the one that a code for this phone would come to.
    const { mailbox } = waiting;
    await mailbox.offer({ eventId: "e", receivedAt: Date.now(), text: "024561", sender: null });
    expect((await waiting.claim())?.code).toBe("024561");
  });

  it("its phone is changed by a PATCH, and must be a number", async () => {
    const { json } = await create("sms_code", { phone: "010-8888-0002" });
    const path = `/destinations/${json.id}`;
    const patched = await call(a, "PATCH", path, { config: { phone: "010 8888 0003" } });
    expect(patched.json).toMatchObject({ config: { phone: "01088880003" } });
    const refused = await call(a, "PATCH", path, { config: { phone: "kim" } });
    expect([refused.status, wrongFields(refused)]).toEqual([422, ["config.phone"]]);
    const missing = await create("sms_code", {});
    expect([missing.status, wrongFields(missing)]).toEqual([422, ["config.phone"]]);
  });
});
