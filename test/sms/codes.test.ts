import { describe, expect, it } from "vitest";
import { parseSms } from "../../src/sms/index.ts";
import { cpuMs } from "../support/cpu-ms.ts";
import { read } from "./read.ts";

const CASES: [text: string, code: string, more?: Record<string, unknown>][] = [
  ["[쿠팡] 본인확인 인증번호 [1234]입니다. (유효시간 3분)", "1234", { validSeconds: 180 }],
  ["[카카오페이] 인증번호:８２９１０４", "829104", { service: "카카오페이" }],
  ["[당근] 인증\u200b번호 [58\u200b2910]", "582910", { service: "당근" }],
  ["인증번호\n[774411]\n[예시뱅크]", "774411", { service: "예시뱅크" }],
  ["[하나은행] 이체 50,000원 승인번호 [918273] 3분 이내 입력", "918273", { amount: 50000 }],
  ["[KB국민카드] 쿠팡 12,000원 결제 인증번호 [550011]", "550011", { amount: 12000 }],
  ["[예시] 6자리 인증번호 830021 을 5분 안에 입력", "830021", { validSeconds: 300 }],
  ["[예시] 2026-03-20 인증번호 20260320", "20260320"],
  ["[예시] 인증번호 1225 (12/25 공연 예매)", "1225"],
  ["Your Apple ID code is: 402913. Don't share it.", "402913", { service: "Apple ID" }],
  ["583920 is your Amazon verification code.", "583920", { service: "Amazon" }],
  ["[Telegram] Login code: 48213. Do not give it to anyone.", "48213"],
  ["Your OTP is 771 204, valid for 10 minutes", "771204", { validSeconds: 600 }],
  ["[예시] 주문번호 20250011 인증번호 4410", "4410"],
  ["[예시] 문의 15881234 인증번호 660021", "660021"],
  ["[예시] 01012345678 님의 인증번호는 31 42 53 입니다", "314253"],
  ["FB-48213 은 Facebook 확인 코드입니다", "48213", { rawCode: "FB-48213", service: "Facebook" }],
  ["PayPal: 123456 is your security code.", "123456", { service: "PayPal" }],
  ["<인증번호 : 1234> [PASS] 본인인증", "1234", { service: "PASS" }],
  ["[한국인증(주)]본인확인 인증번호[482910]입니다.", "482910", { service: "한국인증(주)" }],
  ["[예시은행] 인증번호 [K7Q2M9]", "K7Q2M9", { service: "예시은행" }],
  ["인증번호 [K7Q2M9] 를 입력하세요", "K7Q2M9", { service: null }],
  ["확인 코드 7F3K-9Q2M", "7F3K9Q2M"],
  ["본문\n@bank.example.kr #004217", "004217", { domain: "bank.example.kr" }],
  ["[예시카드] 인증번호 482917 신한카드(1234)", "482917", { cardId: "1234" }],
  ["[예시] 인증번호 902211은 본인만 사용하세요. 30초 이내 입력", "902211", { validSeconds: 30 }],
];

describe("a one-time code", () => {
  it.each(CASES)("%s → %s", (text, code, more) => {
    expect(read(text)).toMatchObject({ kind: "otp", code, ...more });
  });

  it.each(["1234", "482910", "12345678", " 4829 ", "４８２９", "482 910", "482-910", "4 8 2 9"])(
    "of digits only, %j, is one on a phone's source alone",
    (text) => {
      const input = { text, receivedAt: 0 };
      expect(parseSms({ ...input, isPhone: true })).toMatchObject({
        kind: "otp",
        code: text.normalize("NFKC").replace(/[ -]/g, ""),
      });
      expect(parseSms(input)).toMatchObject({ kind: "other", code: null });
    },
  );

  it.each(["123", "123456789", "12:34", "010-1234-5678", "2026-11-21", "12 34 56 789"])(
    "is not %s, even there",
    (text) => {
      expect(parseSms({ text, receivedAt: 0, isPhone: true })).toMatchObject({ kind: "other" });
    },
  );
});

describe("other messages", () => {
  it.each([
    ["(광고)[예시카드] 인증번호 없이 가입! 12,000원 할인 무료거부 080-000-0000", "ad"],
    ["[예시몰] 할인코드 AB12CD 오늘까지", null],
    ["[예시몰] 쿠폰번호 48291034 를 입력하세요", null],
    ["[예시] 인증번호를 타인에게 알려주지 마세요.", null],
    ["[우체국택배] 송장번호 6123-4567-8901 배송완료", "delivery"],
    ["[택배] 주소 불일치로 배송 불가 http://bit.ly/x 확인", "suspected_smishing"],
    ["[신한카드] 해외승인 USD 983.20 완료. 본인 아닐시 문의 070-0000-0000", "suspected_smishing"],
    ["[신한카드] 3월 이용대금 500,000원이 03/25 출금 예정입니다", "statement"],
    ["[예시구청] 폭염주의보 발령, 야외활동 자제", "emergency"],
    ["[예시의원] 내일 10:30 진료 예약 안내", "appointment"],
    ["엄마 오늘 저녁 7시에 만나", null],
    ["🎉👍", null],
    ["", null],
  ])("%j is %s", (text, subkind) => {
    expect(read(text)).toMatchObject({ kind: "other", subkind, code: null });
  });

  it.each([
    ["digits", "1".repeat(70_000)],
    ["stars", "*1".repeat(35_000)],
    ["commas", "1,111".repeat(14_000)],
    ["spaces", `승인${" ".repeat(70_000)}x`],
    ["open brackets", "[(".repeat(35_000)],
    ["labels", "인증번호 1234 ".repeat(6000)],
    ["issuers", "신한카드 승인 취소 ".repeat(6000)],
    ["verbs", "자동이체".repeat(17_000)],
    ["hyphens", "1-".repeat(35_000)],
    ["dates", "03/20 ".repeat(12_000)],
    ["letters", "A1".repeat(35_000)],
    ["marks", `가${"\u0301".repeat(70_000)}`],
    ["lone surrogates", "\ud800".repeat(70_000)],
  ])("70,000 characters of %s are read in no time", (_, text) => {
    const start = cpuMs();
    expect(read(text).kind).toBeTypeOf("string");
    expect(cpuMs() - start).toBeLessThan(500);
  });
});
