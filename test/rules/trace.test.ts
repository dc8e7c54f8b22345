import { describe, expect, it } from "vitest";
import { MAX_TRACE_VALUE_CHARS } from "../../src/rules/constants.ts";
import { preview } from "../../src/rules/describe.ts";
import { cpuMs } from "../support/cpu-ms.ts";
import { ask, request } from "./request.ts";

describe("the trace", () => {
  it("has a line for every check, also after one that failed", () => {
    const match = {
      method: ["GET"],
      path: "/orders/*",
      headers: { "X-Kind": "push" },
      text: { contains: "승인" },
      json: { amount: { $gte: 20000, $lt: 50000 }, note: "x" },
    };
    const facts = request({ path: "/orders/1", body: { amount: "10000", note: "승인" } });
    expect(ask(match, facts)).toEqual({
      matched: false,
      trace: [
        { check: "method", expected: 'one of ["GET"]', actual: '"POST" (text)', ok: false },
        { check: "path", expected: 'like "/orders/*"', actual: '"/orders/1" (text)', ok: true },
        { check: "headers.X-Kind", expected: 'equals "push"', actual: "missing", ok: false },
        {
          check: "text.contains",
          expected: 'contains "승인"',
          actual: '"{\\"amount\\":\\"10000\\",\\"note\\":\\"승인\\"}" (text)',
          ok: true,
        },
        {
          check: "json.amount.$gte",
          expected: "at least 20000",
          actual: '"10000" (text)',
          ok: false,
        },
        {
          check: "json.amount.$lt",
          expected: "less than 50000",
          actual: '"10000" (text)',
          ok: false,
        },
        { check: "json.note", expected: 'equals "x"', actual: '"승인" (text)', ok: false },
      ],
    });
  });

  it("opens nested logic: the group, then all that it groups", () => {
    const json = { $or: [{ type: "refund" }, { $not: { type: { $in: ["cancel"] } }, n: 1 }] };
    const { matched, trace } = ask({ json }, request({ body: { type: "refund", n: 2 } }));
    expect(matched).toBe(true);
    expect(trace.map((line) => [line.check, line.actual, line.ok])).toEqual([
      ["json.$or", "1 of 2 hold", true],
      ["json.$or.0.type", '"refund" (text)', true],
      ["json.$or.1", "1 of 2 hold", false],
      ["json.$or.1.$not", "0 of 1 hold", true],
      ["json.$or.1.$not.type.$in", '"refund" (text)', false],
      ["json.$or.1.n", "2 (number)", false],
    ]);
  });

  it("names field-level logic by its place too", () => {
    const json = { amount: { $or: [{ $lt: 1 }, { $not: { $gt: 5 } }] } };
    const { trace } = ask({ json }, request({ body: { amount: 3 } }));
    expect(trace.map((line) => line.check)).toEqual([
      "json.amount.$or",
      "json.amount.$or.0.$lt",
      "json.amount.$or.1.$not",
      "json.amount.$or.1.$not.$gt",
    ]);
  });

  it.each([
    [{ a: [] }, "[]"],
    [{ a: null }, "null"],
    [{ a: true }, "true"],
    [{ a: { b: [1, "x"] } }, '{"b":[1,"x"]}'],
    [{ a: ["x", 1] }, '["x",1]'],
    [{}, "missing"],
    [[{ a: 1 }, { a: 2 }, { a: 3 }], "1 (number), and 2 more"],
  ])("of the body %j shows %s", (body, actual) => {
    const { trace } = ask({ json: { a: "승" } }, request({ body }));
    expect(trace[0]?.actual).toBe(actual);
  });

  it("cuts long values, and never through a character", () => {
    const value = "😀".repeat(5000);
    const { trace } = ask(
      { json: { a: { $eq: "x".repeat(5000) } } },
      request({ body: { a: value } }),
    );
    const [line] = trace;
    expect(line?.actual.length).toBeLessThanOrEqual(MAX_TRACE_VALUE_CHARS + 20);
    expect(line?.actual.isWellFormed()).toBe(true);
    expect(line?.actual).toContain("…");
    expect(line?.expected.length).toBeLessThanOrEqual(MAX_TRACE_VALUE_CHARS + 20);
  });

  it("previews a large value without reading it all", () => {
    const large = Array.from({ length: 500_000 }, (_, i) => ({ i, text: "x".repeat(10) }));
    const start = cpuMs();
    for (let i = 0; i < 200; i++) preview(large);
    expect(cpuMs() - start).toBeLessThan(1000);
  });

  it.each([[1], ["a\n"], [[1, [2, { a: null }]]], [{ a: { b: [] } }], [false]])(
    "previews a small value as its JSON: %j",
    (value) => expect(preview(value)).toBe(JSON.stringify(value)),
  );
});
