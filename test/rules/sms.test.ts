import { describe, expect, it } from "vitest";
import { factsOf } from "../../src/rules/facts.ts";
import { matches } from "../../src/rules/match.ts";
import { rulesReadBody } from "../../src/rules/select-rules.ts";
import { ask, parse, request } from "./request.ts";

const CARD = {
  message: "[Web발신]\n신한카드(1234)승인 홍*동 62,000원(일시불)02/12 12:34 스타벅스강남점",
};
const CODE = { message: "[네이버] 인증번호 [482910]를 입력해 주세요.", from: "1588-0000" };
const ABROAD = { message: "우리(1029)해외승인 강*우님 $99.99 02/18 02:02 NETFLIX.COM" };

describe("the part `sms`", () => {
  it.each<[unknown, unknown, boolean]>([
    [{ kind: "card", amount: { $gte: 50000 } }, CARD, true],
    [{ kind: "card", amount: { $gte: 70000 } }, CARD, false],
    [{ kind: "card" }, CODE, false],
    [{ kind: "otp" }, CODE, true],
    [{ kind: { $neq: "otp" } }, CARD, true],
    [{ issuer: { $startsWith: "신한" }, merchant: { $contains: "스타벅스" } }, CARD, true],
    [{ $or: [{ event: "declined" }, { cardId: "1234" }] }, CARD, true],
    [{ balance: null }, CARD, true],
    [{ balance: { $exist: true } }, CODE, false],
    [{ pointsUsed: { $exist: false } }, CARD, true],
    // Another currency is a decimal text, which no number compares with.
    [{ amount: { $gte: 1 } }, ABROAD, false],
    [{ overseas: true, currency: "USD", amount: "99.99" }, ABROAD, true],
    [{ kind: "card" }, CARD.message, true],
    [{ kind: "other" }, "hello", true],
    [{}, { amount: 1 }, true],
  ])("%j on %j → %s", (sms, body, expected) => {
    expect(ask({ sms }, request({ body })).matched).toBe(expected);
  });

  it.each([
    ["no message in the JSON", { amount: 1 }],
    ["no body", undefined],
  ])("with %s nothing holds, not even a negation", (_, body) => {
    for (const sms of [{ kind: { $neq: "card" } }, { $not: { kind: "card" } }]) {
      const { matched, trace } = ask({ sms }, request({ body }));
      expect(matched).toBe(false);
      expect(trace[0]?.actual).toContain("no text of a message");
    }
  });

  it("has a line in the trace for every check", () => {
    const sms = { kind: "card", amount: { $gte: 50000, $lt: 60000 } };
    expect(ask({ sms }, request({ body: CARD })).trace).toEqual([
      { check: "sms.kind", expected: 'equals "card"', actual: '"card" (text)', ok: true },
      { check: "sms.amount.$gte", expected: "at least 50000", actual: "62000 (number)", ok: true },
      {
        check: "sms.amount.$lt",
        expected: "less than 60000",
        actual: "62000 (number)",
        ok: false,
      },
    ]);
  });

  it("never shows a code in a trace, whatever part looks at it", () => {
    const match = {
      sms: { kind: "otp", code: "482910" },
      text: { contains: "482910", regex: "[0-9]{6}" },
      json: { message: { $contains: "인증" } },
    };
    const { matched, trace } = ask(match, request({ body: CODE }));
    expect(matched).toBe(true);
    expect(JSON.stringify(trace)).not.toContain("482910");
    expect(trace.find(({ check }) => check === "sms.code")?.actual).toBe('"******" (text)');
    for (const body of ["인증번호 482910", "[인증번호 482910]", '{"message":"인증번호\n482910"}']) {
      const plain = ask({ json: { $not: { a: 1 } } }, request({ body }));
      expect(plain.trace[0]?.actual).toContain("not JSON");
      expect(JSON.stringify(plain.trace)).not.toMatch(/48|29|10/);
    }
    for (let pad = 150; pad < 210; pad++) {
      const body = { message: `${"가".repeat(pad)} 인증번호 482910` };
      const { trace: cut } = ask({ json: { message: "x" } }, request({ body }));
      expect(cut[0]?.actual).not.toMatch(/4829?/);
    }
  });

  it("dates a message by its arrival, and takes bare digits of a phone's source for a code", () => {
    const facts = (text: string, isPhone: boolean) =>
      factsOf({
        method: "POST",
        host: "h",
        path: "/",
        query: "",
        headers: [],
        senderName: "",
        contentType: "text/plain",
        body: new TextEncoder().encode(text),
        receivedAt: Date.parse("2031-01-01T00:01:00+09:00"),
        preset: isPhone ? "phone" : "generic",
      });
    const late = "신한카드(1234)승인 홍*동 1,000원 12/31 23:59 편의점";
    const sms = { occurredAt: "2030-12-31T23:59:00+09:00" };
    expect(matches(parse({ sms }), facts(late, false))).toBe(true);
    expect(matches(parse({ sms: { kind: "otp" } }), facts("4829", true))).toBe(true);
    expect(matches(parse({ sms: { kind: "otp" } }), facts("4829", false))).toBe(false);
  });

  it("reads the body only where a rule asks, and once", () => {
    let reads = 0;
    const facts = factsOf({
      method: "POST",
      host: "h",
      path: "/",
      query: "",
      headers: [],
      senderName: "",
      contentType: null,
      get body() {
        reads++;
        return new TextEncoder().encode(JSON.stringify(CARD));
      },
    });
    expect(matches(parse({ path: "/" }), facts)).toBe(true);
    expect(reads).toBe(0);
    for (let i = 0; i < 5; i++) expect(matches(parse({ sms: { kind: "card" } }), facts)).toBe(true);
    expect(reads).toBe(1);
    const row = { id: "r", order: 0, createdAt: 0, enabled: true, stop: false };
    expect(rulesReadBody([{ ...row, match: { sms: { kind: "card" } } }])).toBe(true);
  });
});
