import { describe, expect, it } from "vitest";
import { explainMatch, matches } from "../../src/rules/match.ts";
import { parse, request } from "./request.ts";

/** A small seeded generator: every failure can be repeated from its seed. */
function randomOf(seed: number) {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const below = (n: number) => Math.floor(next() * n);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)] as T;
  return { below, pick };
}
type Random = ReturnType<typeof randomOf>;

const FIELDS = ["a", "a", "b", "b", "a.b", "b.0", "b.a", "구분", "a.b.a", "constructor"];
const SCALARS = [0, 1, 2.5, -1, "", "a", "ab", "승인", "1", true, false, null];

function value(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 4 : 2);
  if (kind < 2) return random.pick(SCALARS);
  if (kind === 2) return Array.from({ length: random.below(4) }, () => value(random, depth - 1));
  return body(random, depth);
}

function body(random: Random, depth: number): unknown {
  const keys = ["a", "b", "구분", "a.b"].filter(() => random.below(3) > 0);
  return Object.fromEntries(keys.map((key) => [key, value(random, depth - 1)]));
}

function fieldCondition(random: Random, depth: number): unknown {
  const text = () => random.pick(["", "a", "승", "1"]);
  const number = () => random.pick([0, 1, 2, "a", "승인"]);
  const inner = () => fieldCondition(random, depth - 1);
  const makers = [
    () => random.pick(SCALARS),
    () => ({ $eq: value(random, 2) }),
    () => ({ $neq: value(random, 1) }),
    () => ({ $gt: number(), $lte: number() }),
    () => ({ $gte: number() }),
    () => ({ $lt: number() }),
    () => ({ $in: [value(random, 1), random.pick(SCALARS)] }),
    () => ({ $nin: [random.pick(SCALARS)] }),
    () => ({ $startsWith: text() }),
    () => ({ $endsWith: text() }),
    () => ({ $contains: value(random, 1) }),
    () => ({ $exist: random.below(2) === 0 }),
    () => ({ $regex: random.pick(["^a", "승", "1$", "."]) }),
    () => ({ $not: inner() }),
    () => ({ $or: [inner(), inner()] }),
    () => ({ $and: [inner(), inner()], $exist: true }),
  ];
  return random.pick(depth > 0 ? makers : makers.slice(0, 13))();
}

function conditions(random: Random, depth: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = random.below(2); i >= 0; i--) {
    object[random.pick(FIELDS)] = fieldCondition(random, depth);
  }
  if (depth > 0 && random.below(3) === 0) {
    object.$or = [conditions(random, depth - 1), conditions(random, depth - 1)];
  }
  if (depth > 0 && random.below(3) === 0) object.$not = conditions(random, depth - 1);
  if (depth > 0 && random.below(4) === 0) object.$and = [conditions(random, depth - 1)];
  return object;
}

describe("matches and explainMatch", () => {
  it("agree, and negation negates, over 5,000 generated cases", () => {
    let held = 0;
    for (let seed = 1; seed <= 5000; seed++) {
      const random = randomOf(seed);
      const json = conditions(random, 2);
      const extra = random.below(4) === 0 ? { path: random.pick(["/*", "/no"]) } : {};
      const facts = request({ body: random.below(50) === 0 ? "no json" : body(random, 4) });
      const match = parse({ json, ...extra });
      const { matched, trace } = explainMatch(match, facts);
      expect(matches(match, facts), `seed ${seed}`).toBe(matched);
      expect(trace.length, `seed ${seed}`).toBeGreaterThan(0);
      if (matched) held++;
      if ("unreadable" in facts.json() || "path" in extra) continue;
      expect(matches(parse({ json: { $not: json } }), facts), `not, seed ${seed}`).toBe(!matched);
      expect(matches(parse({ json: { $or: [json, json] } }), facts), `or, seed ${seed}`).toBe(
        matched,
      );
    }
    // The cases are worth something only when both answers are common.
    expect(held).toBeGreaterThan(300);
    expect(held).toBeLessThan(4700);
  });
});
