import { describe, expect, it } from "vitest";
import { globTest } from "../../src/glob.ts";
import { regexTest } from "../../src/rules/pattern.ts";
import { cpuMs } from "../support/cpu-ms.ts";
import { ask, request } from "./request.ts";

describe("globs", () => {
  it.each([
    ["*", "", true],
    ["*", "anything/at all", true],
    ["", "", true],
    ["a", "a", true],
    ["a", "ab", false],
    ["a*", "a", true],
    ["*a", "bca", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["ab*ba", "aba", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["*b*b*", "ab", false],
    ["*b*b*", "abcb", true],
    ["**", "x", true],
    ["a.c", "abc", false],
    ["a?", "ab", false],
    ["[ab]", "a", false],
    ["/주문/*/완료", "/주문/7/완료", true],
    ["\\*", "\\x", true],
  ])("%j on %j → %s", (pattern, text, expected) => {
    expect(globTest(pattern)(text)).toBe(expected);
  });

  it("takes no exponential time", () => {
    const start = cpuMs();
    expect(globTest(`${"*a".repeat(200)}*b`)("a".repeat(100_000))).toBe(false);
    expect(cpuMs() - start).toBeLessThan(1000);
  });
});

describe("regexes", () => {
  it.each(["(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]$", "(.*)*x", "(x+x+)+y"])(
    "%s on 50,000 letters ends at once",
    (regex) => {
      const facts = request({ body: `${"a".repeat(50_000)}!` });
      const start = cpuMs();
      ask({ text: { regex } }, facts);
      expect(cpuMs() - start).toBeLessThan(2000);
    },
  );

  it.each([
    ["(", "missing closing"],
    ["a(?=b)", "invalid or unsupported Perl syntax"],
    ["\\1", "invalid escape sequence"],
    ["a{1001}", "invalid repeat count"],
    ["(?:".repeat(300) + "a" + ")*".repeat(300), "longer than 1000 characters"],
    ["(a?b?c?){200}", "instructions, 500 at most"],
  ])("refuses %.30s", (regex, reason) => {
    expect(regexTest(regex)).toMatchObject({ refused: expect.stringContaining(reason) });
  });
});
