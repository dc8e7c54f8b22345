import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { rules, settings } from "../../src/db/schema/control.ts";
import { CARD, CODE } from "../transforms/run.ts";
import {
  call,
  control,
  insertEvent,
  type Json,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

let a: Tenant;
let b: Tenant;
let sourceId: string;
let destinationId: string;

beforeAll(async () => {
  a = await makeTenant("transforms-a");
  b = await makeTenant("transforms-b");
  const source = await call(a, "POST", "/sources", { slug: "transforms", name: "Cards" });
  const destination = await call(a, "POST", "/destinations", {
    name: "there",
    kind: "http",
    config: { url: "http://127.0.0.1:9/" },
  });
  sourceId = String(source.json.id);
  destinationId = String(destination.json.id);
});

const STEPS = [
  { kind: "jsonata", expression: '{"who": sender.name, "won": sms.amount}' },
  { kind: "template", template: "{{ json.who }} {{ json.won | won }}", contentType: "text/plain" },
  { kind: "script", code: "export default async ({ text }) => ({ text: text + '!' })" },
];

function ruleOf(more: Json = {}) {
  return { name: "rule", sourceId, destinationId, match: {}, ...more };
}

async function create(more: Json = {}): Promise<string> {
  const made = await call(a, "POST", "/rules", ruleOf(more));
  expect(made.status).toBe(201);
  return String(made.json.id);
}

describe("a rule's transform", () => {
  it("is stored, shown, replaced as a whole and ended by null", async () => {
    const id = await create({ transform: STEPS });
    expect((await call(a, "GET", `/rules/${id}`)).json.transform).toEqual(STEPS);
    const renamed = await call(a, "PATCH", `/rules/${id}`, { name: "other" });
    expect(renamed.json.transform).toEqual(STEPS);
    const [, second] = STEPS;
    expect(
      (await call(a, "PATCH", `/rules/${id}`, { transform: [second] })).json.transform,
    ).toEqual([second]);
    expect((await call(a, "PATCH", `/rules/${id}`, { transform: null })).json.transform).toBeNull();
    const plain = await create();
    expect((await call(a, "GET", `/rules/${plain}`)).json.transform).toBeNull();
  });

  it.each<[Json[], string, string]>([
    [[{ kind: "template", template: "{% if %}" }], "transform.0.template", "is no Liquid template"],
    [
      [{ kind: "template", template: "{{ a | nope }}" }],
      "transform.0.template",
      "undefined filter: nope",
    ],
    [[{ kind: "jsonata", expression: "(a" }], "transform.0.expression", "is no JSONata"],
    [[{ kind: "jsonata", expression: "/a(?=b)/" }], "transform.0.expression", "RE2"],
    [[{ kind: "lua", code: "x" }], "transform.0.kind", "is none of"],
    [[{ kind: "template", template: "x", trim: true }], "transform.0.trim", "is unknown"],
    [
      [
        { kind: "template", template: "" },
        { kind: "script", code: "\nexport default ) => 1" },
      ],
      "transform.1.code",
      "(line 2)",
    ],
    [[{ kind: "script", code: "export const a = 1" }], "transform.0.code", "default export"],
  ])("that cannot run is refused by its place: %j", async (transform, path, why) => {
    const before = await control.select().from(rules);
    const id = await create();
    for (const [method, at, body] of [
      ["POST", "/rules", ruleOf({ transform })],
      ["PATCH", `/rules/${id}`, { transform }],
    ] as const) {
      const answer = await call(a, method, at, body);
      expect([answer.status, wrongFields(answer)]).toEqual([422, [path]]);
      expect(answer.text).toContain(why);
    }
    expect(await control.select().from(rules)).toHaveLength(before.length + 1);
  });

  it("stays for what the rule has made, when the rule or its source is deleted", async () => {
    const kept = async (id: string) =>
      control
        .select()
        .from(settings)
        .where(eq(settings.name, `transform:${id}`))
        .get();
    const [with_, without] = [await create({ transform: STEPS }), await create()];
    await call(b, "DELETE", `/rules/${with_}`);
    expect(await kept(with_)).toBeUndefined();
    await call(a, "DELETE", `/rules/${with_}`);
    await call(a, "DELETE", `/rules/${without}`);
    expect(JSON.parse((await kept(with_))?.value ?? "")).toMatchObject({ transform: STEPS });
    expect(await kept(without)).toBeUndefined();
    const source = await call(a, "POST", "/sources", { slug: "transforms-gone", name: "Gone" });
    const id = await create({ sourceId: source.json.id, transform: STEPS });
    await call(a, "DELETE", `/sources/${String(source.json.id)}`);
    expect(JSON.parse((await kept(id))?.value ?? "")).toMatchObject({ transform: STEPS });
  });
});

describe("POST /rules/test", () => {
  const event = {
    method: "POST",
    path: "/sms",
    sender: "Kim",
    receivedAt: "2026-02-12T12:40:00+09:00",
    body: JSON.stringify({ message: CARD }),
  };
  const test = (body: Json, tenant = a) => call(tenant, "POST", "/rules/test", body);

  it("shows what a chain makes of a made-up event", async () => {
    const { status, json } = await test({ match: {}, transform: STEPS, event });
    expect([status, json.output]).toEqual([
      200,
      {
        contentType: "text/plain; charset=utf-8",
        size: 14,
        truncated: false,
        body: "Kim 12,000원!",
      },
    ]);
    const seen = await test({
      match: {},
      transform: [{ kind: "jsonata", expression: "[event.id, event.receivedAt, sender, source]" }],
      event: { ...event, sender: { id: "snd_1", name: "Kim" } },
    });
    expect(seen.json.output).toMatchObject({ contentType: "application/json" });
    expect(JSON.parse((seen.json.output as { body: string }).body)).toEqual([
      null,
      "2026-02-12T03:40:00.000Z",
      { id: "snd_1", name: "Kim" },
      { slug: "", name: "" },
    ]);
  });

  it("shows what it makes of a stored one, with its id, sender and source", async () => {
    const body = new Uint8Array(new TextEncoder().encode(JSON.stringify({ message: CODE })));
    const headers: [string, string][] = [
      ["authorization", "Bearer secret"],
      ["x-a", "1"],
    ];
    const eventId = await insertEvent(a, {
      sourceId,
      senderId: "snd_1",
      senderName: "Kim",
      body,
      headers,
      query: "n=1",
    });
    const template =
      "{{ event.id }} {{ event.query.n }} {{ event.headers | json }} {{ sender.id }} {{ sender.name }} {{ source.slug }} {{ source.name }} {{ sms.code }} {{ sms.masked }}";
    const { json } = await test({
      match: {},
      transform: [{ kind: "template", template }],
      eventId,
    });
    expect((json.output as { body: string }).body).toBe(
      `${eventId} 1 {"x-a":"1"} snd_1 Kim transforms Cards 482917 ${CODE.replace("482917", "******")}`,
    );
    expect((await test({ match: {}, transform: STEPS, eventId }, b)).status).toBe(404);
  });

  it("says which step fails, and why, with 200", async () => {
    const failing = [
      STEPS[0],
      { kind: "script", code: "export default () => { throw new Error('no') }" },
    ];
    const { status, json } = await test({ match: {}, transform: failing, event });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      matched: true,
      outputError: { step: 2, kind: "script", message: "Error: no (line 1)" },
    });
    expect(json).not.toHaveProperty("output");
    const missed = await test({ match: { method: ["PUT"] }, transform: failing, event });
    expect(Object.keys(missed.json)).toEqual(["matched", "trace"]);
  });

  it("refuses a transform that could not be saved, but for a script, which it tries", async () => {
    const broken = await test({
      match: {},
      transform: [{ kind: "jsonata", expression: "(" }],
      event,
    });
    expect([broken.status, wrongFields(broken)]).toEqual([422, ["transform.0.expression"]]);
    const script = await test({
      match: {},
      transform: [{ kind: "script", code: "export default (" }],
      event,
    });
    expect(script.json.outputError).toMatchObject({ step: 1, kind: "script" });
  });
});
