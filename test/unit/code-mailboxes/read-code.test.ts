import { describe, expect, it } from "vitest";
import { readCode } from "../../../src/code-mailboxes/read-code.ts";

const read = (
  text: string,
  sender: string | null = null,
  { senders = [], pattern = null }: { senders?: string[]; pattern?: string | null } = {},
) => readCode({ text, sender, receivedAt: 0 }, { senders, pattern });

describe("a code without a label and without a sender", () => {
  it.each([
    ["024561", "024561"],
    ["0245", "0245"],
    ["12345678", "12345678"],
    [" 024 561\n", "024561"],
    ["024-561", "024561"],
    ["0 2 4 5 6 1", "024561"],
    ["０２４５６１", "024561"],
  ])("%j is %s", (text, code) => {
    expect(read(text)).toBe(code);
  });

  it.each(["024", "123456789", "010-1234-5678", "2026-11-21", "12:34", "hello", "50,000원"])(
    "%j is none",
    (text) => {
      expect(read(text)).toBeNull();
    },
  );
});

describe("a labelled message", () => {
  it.each([
    ["[Web발신]\n[예시] 인증번호 [024561]를 입력하세요. 문의 1600-0987", "024561"],
    ["Your verification code is 024561. It expires in 3 minutes.", "024561"],
    ["[예시카드] 승인 50,000원 11/21 12:30 예시상점", null],
  ])("%j: %s", (text, code) => {
    expect(read(text)).toBe(code);
    expect(read(text, "16000987")).toBe(code);
  });
});

describe("who sent it", () => {
  const senders = ["1600-0987", "+82 10-1234-5678", "배민"];

  it.each([
    ["16000987", "024561"],
    ["1600 0987", "024561"],
    ["010-1234-5678", "024561"],
    ["+821012345678", "024561"],
    ["배민", "024561"],
    ["1600-0988", null],
    ["", null],
    // It did not say: digits alone are a code.
    [null, "024561"],
  ])("%j: %s", (sender, code) => {
    expect(read("024561", sender, { senders })).toBe(code);
  });

  it("is anybody when the portal names nobody", () => {
    expect(read("024561", "01000000000")).toBe("024561");
  });
});

describe("the portal's pattern", () => {
  const pattern = "로그인 코드 (?P<code>[0-9-]+)";

  it.each([
    [pattern, "예시 1111 로그인 코드 024-561 입니다", "024561"],
    ["코드는 ([A-Z]{6})", "코드는 QWERTY", "QWERTY"],
    ["[0-9]{6}", "x 024561 y", "024561"],
    // As it is read: in single spaces and without full-width digits.
    ["^코드 ([0-9]{6})$", "[Web발신]\n코드   ０２４５６１", "024561"],
    // It decides: what the usual ways would find is not looked at.
    ["주문 ([0-9]{6})", "인증번호 024561", null],
    ["([0-9]{0})x", "x", null],
    // Broken or too large ones find nothing, and do not throw.
    ["(", "인증번호 024561", null],
    ["(?:[0-9]{1,1000}){1,1000}", "024561", null],
    ["a".repeat(501), "a".repeat(600), null],
  ])("%s on %j: %s", (regex, text, code) => {
    expect(read(text, "16000987", { pattern: regex })).toBe(code);
  });

  it("does not count when nobody says who sent it", () => {
    expect(read("024561", null, { pattern })).toBe("024561");
    expect(read("인증번호 024561", null, { pattern })).toBe("024561");
  });

  it("takes time linear in the text", () => {
    const text = `${"a".repeat(2_000)}!`;
    expect(read(text, "1", { pattern: "^(a+)+$" })).toBeNull();
  });
});
