import { describe, expect, it } from "vitest";
import { fieldErrors } from "../../src/admin/router.ts";
import { OPERATOR_NAMES } from "../../src/rules/operators.ts";
import { CreateRule, TestRule, UpdateRule } from "../../src/rules/schemas.ts";

const RULE = { sourceId: "src_1", name: "카드 승인", match: {}, destinationId: "dst_1" };

/** The problem document's `errors` for a body, as the router makes them. */
function errorsOf(schema: typeof CreateRule | typeof UpdateRule | typeof TestRule, body: unknown) {
  const result = schema.safeParse(body);
  return result.success ? [] : fieldErrors(result.error.issues as never);
}

function matchErrors(match: unknown) {
  return errorsOf(CreateRule, { ...RULE, match });
}

function nested(depth: number, inner: unknown = { a: 1 }): unknown {
  let value = inner;
  for (let i = 0; i < depth; i++) value = { $not: value };
  return value;
}

describe("a match is refused with the exact place and a reason", () => {
  it.each<[unknown, string, string]>([
    [{ json: { amount: { $foo: 1 } } }, "match.json.amount.$foo", "$startsWith"],
    [{ json: { $foo: 1 } }, "match.json.$foo", "$regex"],
    [{ json: { $or: [{ a: 1 }, { b: { $nope: 1 } }] } }, "match.json.$or.1.b.$nope", "$and"],
    [{ json: { a: { $not: { $bad: 1 } } } }, "match.json.a.$not.$bad", "$not"],
    [{ json: { a: { $constructor: 1 } } }, "match.json.a.$constructor", "is no operator"],
    [{ json: { a: { $gt: 1, b: 2 } } }, "match.json.a.b", "stands beside operators"],
    [{ json: { order: { amount: { $gte: 10 } } } }, "match.json.order", '"order.<name>"'],
    [{ json: { a: { $eq: { b: { $gte: 10 } } } } }, "match.json.a.$eq", "$gte"],
    [{ json: { a: { $in: [{ $gte: 1 }] } } }, "match.json.a.$in", "$gte"],
    [{ json: { $gt: 5 } }, "match.json.$gt", "belongs to a field"],
    [{ json: { $or: [] } }, "match.json.$or", "needs a list"],
    [{ json: { $or: { a: 1 } } }, "match.json.$or", "needs a list"],
    [{ json: { $and: [1] } }, "match.json.$and.0", "needs an object"],
    [{ json: { $not: [] } }, "match.json.$not", "needs an object"],
    [{ json: { a: { $gt: null } } }, "match.json.a.$gt", "needs a number or text"],
    [{ json: { a: { $in: 5 } } }, "match.json.a.$in", "needs a list"],
    [{ json: { a: { $in: [] } } }, "match.json.a.$in", "needs a list"],
    [{ json: { a: { $exist: "yes" } } }, "match.json.a.$exist", "true or false"],
    [{ json: { a: { $startsWith: 5 } } }, "match.json.a.$startsWith", "needs text"],
    [{ json: { a: { $regex: "(" } } }, "match.json.a.$regex", "missing closing )"],
    [{ json: { a: { $regex: 5 } } }, "match.json.a.$regex", "needs text"],
    [JSON.parse('{"json":{"a":1e999}}'), "match.json.a", "a number too large"],
    [{ json: [] }, "match.json", "needs an object"],
    [{ json: "승인" }, "match.json", "needs an object"],
    [{ json: null }, "match.json", "needs an object"],
    [{ json: { ["x".repeat(501)]: 1 } }, `match.json.${"x".repeat(501)}`, "longer than 500"],
    [{ query: { a: true } }, "match.query.a", "values here are text"],
    [{ query: { a: null } }, "match.query.a", '{"$exist": false}'],
    [{ query: { a: { $in: ["x", []] } } }, "match.query.a.$in", "values here are text"],
    [{ query: { a: { $contains: 1 } } }, "match.query.a.$contains", "needs text"],
    [{ headers: { "x-a": { $regex: "\\1" } } }, "match.headers.x-a.$regex", "invalid escape"],
    [{ headers: { "x-a": { $foo: 1 } } }, "match.headers.x-a.$foo", "is no operator"],
    [{ text: { regex: "a(?=b)" } }, "match.text.regex", "Perl syntax"],
    [{ text: { contain: "x" } }, "match.text.contain", "contains, regex"],
    [{ text: { contains: "" } }, "match.text.contains", ""],
    [{ text: "승인" }, "match.text", ""],
    [{ method: "POST" }, "match.method", ""],
    [{ method: [] }, "match.method", ""],
    [{ method: ["PO ST"] }, "match.method.0", "no HTTP method"],
    [{ path: "" }, "match.path", ""],
    [{ sms: { amount: { $above: 1 } } }, "match.sms.amount.$above", "is no operator"],
    [{ sms: "card" }, "match.sms", "needs an object"],
    [{ body: "x" }, "match.body", "known are: method, host"],
    [JSON.parse('{"__proto__":{"a":1}}'), "match.__proto__", "is unknown"],
    [{ constructor: 1 }, "match.constructor", "is unknown"],
    [{ json: nested(17) }, `match.json${".$not".repeat(16)}`, "deeper than 16"],
    [{ json: nested(60) }, `match.json${".$not".repeat(16)}`, "deeper than 16"],
    [null, "match", ""],
    [[], "match", ""],
  ])("%.80j at %s", (match, path, reason) => {
    const errors = matchErrors(match);
    expect(errors.map((error) => error.path)).toEqual([path]);
    expect(errors[0]?.message).toContain(reason);
  });

  it("lists every operator for an unknown one, and says all that is wrong at once", () => {
    const errors = matchErrors({
      json: { a: { $foo: 1 }, b: { $in: 1 } },
      body: {},
      transform: [],
    });
    expect(errors.map((error) => error.path)).toEqual(["match.body", "match.transform"]);
    const [first, second] = matchErrors({ json: { a: { $foo: 1 }, b: { $in: 1 } } });
    for (const name of OPERATOR_NAMES) expect(first?.message).toContain(name);
    expect(second?.path).toBe("match.json.b.$in");
  });

  it.each([
    ["conditions", { $or: Array.from({ length: 200 }, (_, i) => ({ a: i })) }, "too many"],
    ["alternatives", { $or: Array.from({ length: 201 }, () => ({})) }, "1 to 200"],
    [
      "regexes",
      Object.fromEntries(Array.from({ length: 21 }, (_, i) => [i, { $regex: "a" }])),
      "20 at most",
    ],
    ["values", { a: { $in: Array.from({ length: 501 }, (_, i) => i) } }, "1 to 500"],
    ["characters", { a: "x".repeat(33_000) }, "longer than 32768"],
  ])("too many %s", (_, json, reason) => {
    const errors = matchErrors({ json });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain(reason);
  });

  it("does not overflow the stack on input of any depth", () => {
    let list: unknown = 1;
    for (let i = 0; i < 100_000; i++) list = [list];
    expect(matchErrors({ json: nested(100_000) })[0]?.message).toContain("deeper than 16");
    expect(matchErrors({ json: { a: list } })[0]?.message).toContain("deeper than 32");
    expect(matchErrors({ json: { a: { $in: [list] } } })[0]?.message).toContain("deeper than 32");
    expect(matchErrors({ json: { a: nested(100_000) } })[0]?.message).toContain("deeper than 16");
  });

  it("accepts logic as deep as allowed", () => {
    expect(matchErrors({ json: nested(15) })).toEqual([]);
  });
});

describe("rules", () => {
  it("fills in defaults when created, and none when changed", () => {
    expect(CreateRule.parse(RULE)).toEqual({
      ...RULE,
      order: 0,
      enabled: true,
      stop: false,
      transform: null,
    });
    expect(UpdateRule.parse({})).toEqual({});
    expect(UpdateRule.parse({ name: "x" })).toEqual({ name: "x" });
  });

  it("keeps the match as it was sent", () => {
    const match = JSON.parse('{"json":{"__proto__":{"a":1},"b":{"$or":[1,{"$gt":2}]}}}');
    expect(JSON.stringify(CreateRule.parse({ ...RULE, match }).match)).toBe(JSON.stringify(match));
  });

  it.each([
    [{ ...RULE, transform: [] }, "transform", "has no step"],
    [{ ...RULE, transform: [{ kind: "lua" }] }, "transform.0.kind", "is none of"],
    [{ ...RULE, colour: 1 }, "colour", "known are"],
    [{ ...RULE, order: -1 }, "order", ""],
    [{ ...RULE, order: 1.5 }, "order", ""],
    [{ ...RULE, name: "" }, "name", ""],
    [{ ...RULE, match: undefined }, "match", ""],
    [{ ...RULE, enabled: null }, "enabled", ""],
  ])("refuses %.60j at %s", (body, path, reason) => {
    const errors = errorsOf(CreateRule, body);
    expect(errors.map((error) => error.path)).toEqual([path]);
    expect(errors[0]?.message).toContain(reason);
  });

  it("refuses what a change must not hold", () => {
    expect(errorsOf(UpdateRule, { transform: [] })[0]?.path).toBe("transform");
    expect(UpdateRule.parse({ transform: null })).toEqual({ transform: null });
    expect(errorsOf(UpdateRule, { id: "rul_1" })[0]?.path).toBe("id");
    expect(errorsOf(UpdateRule, { match: null })[0]?.path).toBe("match");
  });
});

describe("rule tests", () => {
  const event = { method: "POST", path: "/x" };

  it.each([
    [{ match: {} }, "eventId"],
    [{ match: {}, eventId: "evt_1", event }, "eventId"],
    [{ match: {}, event: { method: "POST" } }, "event.path"],
    [{ match: {}, event: { ...event, path: "x" } }, "event.path"],
    [{ match: {}, event: { ...event, path: "/x?a=1" } }, "event.path"],
    [{ match: {}, event: { ...event, body: "a", bodyBase64: "YQ==" } }, "event.bodyBase64"],
    [{ match: {}, event: { ...event, bodyBase64: "%" } }, "event.bodyBase64"],
    [{ match: {}, event: { ...event, body: {} } }, "event.body"],
    [{ match: {}, event: { ...event, receivedAt: "today" } }, "event.receivedAt"],
    [{ match: {}, event: { ...event, ip: "::1" } }, "event.ip"],
    [{ match: {}, event: { ...event, sender: { id: "snd_1" } } }, "event.sender.name"],
    [{ match: {}, event, transform: [] }, "transform"],
    [{ match: { sms: [] }, event }, "match.sms"],
  ])("refuses %j at %s", (body, path) => {
    expect(errorsOf(TestRule, body).map((error) => error.path)).toEqual([path]);
  });

  it("takes a body of almost 1 MiB in Base64", () => {
    const bodyBase64 = Buffer.alloc(760_000, 7).toString("base64");
    expect(errorsOf(TestRule, { match: {}, event: { ...event, bodyBase64 } })).toEqual([]);
  });
});
