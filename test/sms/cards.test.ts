import { describe, expect, it } from "vitest";
import type { CardSms } from "../../src/sms/index.ts";
import { read } from "./read.ts";

type Case = [text: string, fields: Partial<CardSms>, receivedAt?: string];

const CASES: Case[] = [
  // Issuers and orders
  [
    "[Web발신]\n삼성1188승인 이*영\n7,000원 일시불\n03/20 11:59 투썸플레이스\n누적107,000원",
    { issuer: "삼성카드", cardId: "1188", holder: "이*영", amount: 7000, merchant: "투썸플레이스" },
  ],
  [
    "[Web발신]\nBC카드(5*2*)승인 김*호님 03/20 10:05 GS칼텍스 50,000원 일시불",
    { issuer: "BC카드", cardId: "5*2*", merchant: "GS칼텍스", amount: 50000, installmentMonths: 0 },
  ],
  [
    "[Web발신]\n[롯데카드] 최*진 승인 120,000원 3개월 03/20 11:00 롯데마트 잠실점 누적 220,000원",
    { issuer: "롯데카드", amount: 120000, installmentMonths: 3, merchant: "롯데마트 잠실점" },
  ],
  [
    "[Web발신]\n하나카드(3*4*) 정*아 체크승인\n9,900원\n03/20 09:10\n올리브영\n잔액 90,100원",
    { issuer: "하나카드", cardType: "check", balance: 90100, merchant: "올리브영" },
  ],
  [
    "NH카드7*3*승인 윤*희 5,000원 체크 03/20 08:00 메가커피 잔액45,000원",
    { issuer: "NH농협카드", cardId: "7*3*", cardType: "check", balance: 45000 },
  ],
  [
    "[케이뱅크] 체크카드(4321) 결제 3,200원 03/20 07:40 세븐일레븐 잔액 10,000원",
    { issuer: "케이뱅크", cardId: "4321", cardType: "check", merchant: "세븐일레븐" },
  ],
  [
    "기업BC(9012)승인 오*수 15,500원 일시불 03/20 11:11 교보문고",
    { issuer: "IBK기업카드", cardId: "9012", merchant: "교보문고" },
  ],
  [
    "씨티카드(0007) 승인 10,000원 03/20 11:00 스타벅스",
    { issuer: "씨티카드", cardId: "0007", merchant: "스타벅스" },
  ],
  [
    "한빛카드(2468)승인 홍*동 1,000원 일시불 03/20 11:00 동네빵집",
    { issuer: "한빛카드", cardId: "2468", merchant: "동네빵집" },
  ],
  [
    "[신한카드]승인 1234 홍*동 12,000원(3개월) 03/20 11:00 11번가",
    { cardId: "1234", holder: "홍*동", installmentMonths: 3, merchant: "11번가" },
  ],
  // Amounts in words
  ["씨티카드(0007) 승인 3만원 03/20 11:00 스타벅스", { amount: 30000 }],
  ["씨티카드(0007) 승인 12만 5천원 03/20 11:00 스타벅스", { amount: 125000 }],
  ["씨티카드(0007) 승인 12만5,000원 03/20 11:00 스타벅스", { amount: 125000 }],
  // Separators that are missing
  [
    "현대카드승인홍*동12,000원일시불03/2010:30스타벅스누적50,000원",
    {
      issuer: "현대카드",
      holder: "홍*동",
      amount: 12000,
      installmentMonths: 0,
      occurredAt: "2026-03-20T10:30:00+09:00",
      merchant: "스타벅스",
      cumulative: 50000,
    },
  ],
  [
    "신한(1234)승인 홍*동 1200원 03/20 11:30 자판기",
    { issuer: "신한카드", amount: 1200, merchant: "자판기" },
  ],
  // Width and invisible characters
  [
    "신한카드（１２３４）승인 홍*동 ９，９００원（일시불）０３／２０ １１：００ 다이소",
    {
      cardId: "1234",
      amount: 9900,
      installmentMonths: 0,
      occurredAt: "2026-03-20T11:00:00+09:00",
      merchant: "다이소",
    },
  ],
  [
    "신한카\u200b드(12\u200b34)승\u2060인 홍*동 12,\u200b000원(일시불)03/20\u00a011:00 스타\ufeff벅스",
    { issuer: "신한카드", cardId: "1234", amount: 12000, merchant: "스타벅스" },
  ],
  [
    "신한카드(1234)승인 홍*동 12,000원(일시불)03/20 11:00 스타벅스".normalize("NFD"),
    { issuer: "신한카드", holder: "홍*동", merchant: "스타벅스" },
  ],
  // Time
  [
    "KB국민카드5678승인 김*수님 45,900원 일시불 12/31 23:58 이마트",
    { occurredAt: "2026-12-31T23:58:00+09:00" },
    "2027-01-01T00:01:00+09:00",
  ],
  [
    "KB국민카드5678승인 김*수님 45,900원 일시불 01/01 00:03 이마트",
    { occurredAt: "2027-01-01T00:03:00+09:00" },
    "2026-12-31T23:59:00+09:00",
  ],
  [
    "신한카드(1234)승인 홍*동 1,000원 02/29 10:00 편의점",
    { occurredAt: "2028-02-29T10:00:00+09:00" },
    "2028-02-29T10:01:00+09:00",
  ],
  [
    "신한카드(1234)승인 홍*동 1,000원 3월20일 오후 1시05분 편의점",
    { occurredAt: "2026-03-20T13:05:00+09:00", merchant: "편의점" },
  ],
  [
    "신한카드(1234)승인 홍*동 1,000원 2026-03-19 21:07:33 편의점",
    { occurredAt: "2026-03-19T21:07:33+09:00" },
  ],
  ["신한카드(1234)승인 홍*동 1,000원 편의점", { occurredAt: null, merchant: "편의점" }],
  // Cancelled and declined
  [
    "롯데카드 8*1* 취소 최*진님 33,000원 03/20 10:00 본죽",
    { event: "cancelled", cardId: "8*1*", amount: 33000, merchant: "본죽" },
  ],
  [
    "[Web발신]\n신한카드(1234)부분취소 홍*동 -5,000원 03/20 10:00 쿠팡",
    { event: "cancelled", partial: true, amount: 5000, merchant: "쿠팡" },
  ],
  [
    "삼성1188 승인취소 이*영 10,000원 03/20 10:00 취소문의 1588-8700",
    { event: "cancelled", amount: 10000 },
  ],
  [
    "우리카드(1029) 승인거절 강*우님 70,000원 03/20 10:00 무신사 잔액부족",
    { event: "declined", reason: "잔액부족", merchant: "무신사", balance: null },
  ],
  [
    "현대카드 M 한도초과 박*호 999,000원 03/20 10:00 애플코리아",
    { event: "declined", amount: 999000, reason: "한도초과" },
  ],
  // Abroad
  [
    "[국외발신]\n신한카드 해외승인(1234) 홍*동 EUR 1,234.50 (프랑스) 03/20 02:10 LOUVRE MUSEUM",
    {
      amount: "1234.50",
      currency: "EUR",
      country: "프랑스",
      overseas: true,
      merchant: "LOUVRE MUSEUM",
    },
  ],
  [
    "삼성카드 해외승인 이*영 5,000.00 USD 03/20 02:10 AMAZON.COM",
    { amount: "5000.00", currency: "USD", overseas: true, merchant: "AMAZON.COM" },
  ],
  // Other sums
  [
    "신한카드(1234)승인 홍*동 20,000원(일시불)03/20 10:00 이마트 할인1,000원 잔여한도 1,980,000원",
    { amount: 20000, merchant: "이마트", balance: null, cumulative: null },
  ],
  [
    "KB국민체크(5678) 김*수님 03/20 10:00 2,500원 사용 GS25 통장잔액 -12,500원",
    { cardType: "check", amount: 2500, merchant: "GS25", balance: -12500 },
  ],
  // Shops whose names mislead
  [
    "신한카드(1234)승인 홍*동 4,300원 일시불 03/20 10:00 25원두커피 누적 14,300원",
    { amount: 4300, merchant: "25원두커피", cumulative: 14300 },
  ],
  [
    "우리(1029)승인 강*우님 8,000원 일시불 03/20 10:00 롯데카드센터",
    { issuer: "우리카드", merchant: "롯데카드센터" },
  ],
  [
    "신한카드(1234)승인 홍*동 3,000원 일시불 03/20 10:00 출금마트",
    { event: "approved", merchant: "출금마트" },
  ],
];

describe("a card's alert", () => {
  it.each(CASES)("%s", (text, fields, receivedAt) => {
    expect(read(text, receivedAt)).toMatchObject({ kind: "card", event: "approved", ...fields });
  });

  it("states the number of its approval, and is no one-time code for it", () => {
    expect(
      read("KB국민카드5678 승인 김*수 12,000원 03/20 11:00 이마트 승인번호 12345678"),
    ).toMatchObject({ kind: "card", amount: 12000, merchant: "이마트", code: null });
  });
});
