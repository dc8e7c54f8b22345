import { describe, expect, it } from "vitest";
import { type RoutableRule, rulesReadBody, selectRules } from "../../src/rules/select-rules.ts";
import { request } from "./request.ts";

function rule(id: string, parts: Partial<RoutableRule> = {}): RoutableRule {
  return { id, order: 0, createdAt: 0, enabled: true, stop: false, match: {}, ...parts };
}

function select(rules: RoutableRule[], facts = request()) {
  return selectRules(rules, facts).matched.map((one) => one.id);
}

const NO = { method: ["DELETE"] };

describe("selectRules", () => {
  it("takes every rule that matches, by order, then age, then id", () => {
    const rules = [
      rule("e", { order: 2 }),
      rule("d", { order: 1, createdAt: 5 }),
      rule("c", { order: 1, createdAt: 2 }),
      rule("b", { order: 1, createdAt: 2 }),
      rule("x", { match: NO }),
      rule("a", { createdAt: 9 }),
    ];
    expect(select(rules)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("ends at a rule with stop that matches, not at one that does not", () => {
    expect(select([rule("a"), rule("b", { stop: true }), rule("c")])).toEqual(["a", "b"]);
    expect(select([rule("a"), rule("b", { stop: true, match: NO }), rule("c")])).toEqual([
      "a",
      "c",
    ]);
    expect(select([rule("late", { order: 9 }), rule("stop", { order: 3, stop: true })])).toEqual([
      "stop",
    ]);
  });

  it("passes over disabled rules, their stop too", () => {
    expect(select([rule("a", { enabled: false, stop: true }), rule("b")])).toEqual(["b"]);
  });

  it.each([null, 5, "x", [], { sms: 1 }, { json: { a: { $future: 1 } } }, { method: 7 }])(
    "a stored match that cannot be read, %j, matches nothing, is reported, and hides no neighbour",
    (match) => {
      const broken = rule("broken", { match, stop: true });
      const result = selectRules([rule("a"), broken, rule("z")], request());
      expect(result.matched.map((one) => one.id)).toEqual(["a", "z"]);
      expect(result.broken).toEqual([{ rule: broken, reason: expect.stringContaining("match") }]);
    },
  );

  it("compiles a row once for all events of a batch", () => {
    let reads = 0;
    const counted = Object.defineProperty(rule("a"), "match", {
      get: () => {
        reads++;
        return { path: "/*" };
      },
    });
    for (let i = 0; i < 10; i++) expect(select([counted])).toEqual(["a"]);
    expect(reads).toBe(1);
  });

  it("no rule, no match", () => {
    expect(selectRules([], request())).toEqual({ matched: [], broken: [] });
  });
});

describe("rulesReadBody", () => {
  it.each([
    [{ json: { a: 1 } }, {}, true],
    [{ text: { contains: "a" } }, {}, true],
    [{ json: {} }, {}, false],
    [{ path: "/*" }, {}, false],
    [{ json: { a: 1 } }, { enabled: false }, false],
    [{ json: { a: { $future: 1 } } }, {}, false],
  ])("%j %j → %s", (match, parts, expected) => {
    expect(rulesReadBody([rule("first"), rule("a", { match, ...parts })])).toBe(expected);
  });
});
