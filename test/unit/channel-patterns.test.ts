import { expect, test } from "vitest";
import { MAX_STREAM_LIFE_MS } from "../../src/channels/index.ts";
import { BatonError } from "../../src/errors.ts";
import { originFault } from "../../src/organizations/origin-fault.ts";
import { MAX_PATTERN_CHARS } from "../../src/tokens/constants.ts";
import { grantAccess } from "../../src/tokens/index.ts";
import { matchPattern } from "../../src/tokens/match-pattern.ts";

test.each([
  ["orders", "orders", true],
  ["orders", "orders2", false],
  ["orders", "Orders", false],
  ["orders.*", "orders.a", true],
  ["orders.*", "orders.a.b", true],
  ["orders.*", "orders.", true],
  ["orders.*", "orders", false],
  ["orders.*", "xorders.a", false],
  ["*", "anything", true],
  ["*.eu", "orders.eu", true],
  ["*.eu", "orders.eu2", false],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["ab*bc", "abc", false],
  ["a*b*c", "a.b.c", true],
  ["a*b*c", "a.c.b", false],
  ["a**c", "ac", true],
  ["user:*:inbox", "user:7:inbox", true],
  ["user:*:inbox", "user:7:outbox", false],
  // A dot is a dot.
  ["a.c", "abc", false],
])("pattern %s on %s: %s", (pattern, name, expected) => {
  expect(matchPattern(pattern, name)).toBe(expected);
});

test("20,000 random patterns agree with a table of every prefix", () => {
  let seed = 7;
  const next = (below: number) => {
    seed = (seed * 48271) % 0x7fffffff;
    return seed % below;
  };
  const draw = (letters: string, max: number) =>
    Array.from({ length: next(max + 1) }, () => letters[next(letters.length)]).join("");
  let matches = 0;
  for (let i = 0; i < 20_000; i++) {
    const pattern = draw("ab**", 7);
    const name = draw("ab", 8);
    const expected = byTable(pattern, name);
    if (expected) matches++;
    expect([pattern, name, matchPattern(pattern, name)]).toEqual([pattern, name, expected]);
  }
  expect(matches).toBeGreaterThan(2000);
});

/** matches[j]: the pattern so far covers the first j characters. */
function byTable(pattern: string, name: string): boolean {
  let matches = [true, ...Array.from(name, () => false)];
  for (const sign of pattern) {
    const before = matches;
    const after = [sign === "*" && before[0] === true];
    for (let j = 1; j <= name.length; j++) {
      after[j] =
        sign === "*"
          ? before[j] === true || after[j - 1] === true
          : before[j - 1] === true && name[j - 1] === sign;
    }
    matches = after;
  }
  return matches[name.length] === true;
}

test("a pattern made to be slow is looked through once per part", () => {
  const pattern = "*a".repeat(MAX_PATTERN_CHARS / 2 - 1) + "*b";
  const searched: string[] = [];
  const name = "a".repeat(MAX_PATTERN_CHARS - 1) + "b";
  const watched = {
    length: name.length,
    startsWith: (text: string) => name.startsWith(text),
    endsWith: (text: string) => name.endsWith(text),
    indexOf(text: string, at: number) {
      searched.push(text);
      return name.indexOf(text, at);
    },
  };
  expect(matchPattern(pattern, watched as unknown as string)).toBe(true);
  expect(searched.length).toBe(MAX_PATTERN_CHARS / 2 - 1);
});

const NOW = 1_800_000_000_000;
const grantFor = (expiresAt: number) => ({
  organizationId: "org_x",
  subscribe: ["orders.*"],
  publish: ["orders.a"],
  expiresAt,
});

test("a token's stream ends with it, or is opened anew after an hour", () => {
  const wish = { name: "orders.b", action: "subscribe" } as const;
  const soon = NOW + 60_000;
  expect(grantAccess({ scopes: [], grant: grantFor(soon) }, wish, NOW)).toEqual({
    until: soon,
    untilCode: 4401,
  });
  for (const late of [NOW + 2 * MAX_STREAM_LIFE_MS, Number.POSITIVE_INFINITY]) {
    expect(grantAccess({ scopes: [], grant: grantFor(late) }, wish, NOW)).toEqual({
      until: NOW + MAX_STREAM_LIFE_MS,
      untilCode: 4409,
    });
  }
});

test("each action has patterns of its own", () => {
  const caller = { scopes: [], grant: grantFor(NOW + 1) };
  const may = (name: string, action: "subscribe" | "publish") => {
    try {
      grantAccess(caller, { name, action }, NOW);
      return true;
    } catch (error) {
      if (error instanceof BatonError && error.code === "forbidden") return false;
      throw error;
    }
  };
  expect([may("orders.b", "subscribe"), may("orders.b", "publish")]).toEqual([true, false]);
  expect([may("orders.a", "subscribe"), may("orders.a", "publish")]).toEqual([true, true]);
  expect(may("invoices", "subscribe")).toBe(false);
});

test("an API key reads with `read`, publishes with `write`, for an hour at a time", () => {
  const term = { until: NOW + MAX_STREAM_LIFE_MS, untilCode: 4409 };
  const read = { name: "x", action: "subscribe" } as const;
  const write = { name: "x", action: "publish" } as const;
  expect(grantAccess({ scopes: ["read"] }, read, NOW)).toEqual(term);
  expect(grantAccess({ scopes: ["read", "write"] }, write, NOW)).toEqual(term);
  expect(() => grantAccess({ scopes: ["read"] }, write, NOW)).toThrow(BatonError);
});

test.each([
  ["https://app.example.org", null],
  ["https://app.example.org:8443", null],
  ["http://localhost:3000", null],
  ["http://[::1]:3000", null],
  ["https://app.example.org/", "https://app.example.org"],
  ["https://app.example.org:443", "https://app.example.org"],
  ["https://App.example.org", "https://app.example.org"],
  ["https://app.example.org/path?x=1", "https://app.example.org"],
  ["https://user:secret@app.example.org", "https://app.example.org"],
  ["https://앱.example", "https://xn--rf5b.example"],
  ["app.example.org", "is no origin"],
  ["https://*.example.org", "is no origin"],
  ["*", "is no origin"],
  ["null", "is no origin"],
  ["file:///tmp/x.html", "is no origin"],
  ["data:text/html,x", "is no origin"],
])("origin %s: %s", (text, hint) => {
  const fault = originFault(text);
  expect(fault === null ? null : fault.includes(hint ?? "no fault")).toBe(
    hint === null ? null : true,
  );
});
