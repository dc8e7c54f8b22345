import { describe, expect, it } from "vitest";
import type { BankSms } from "../../src/sms/index.ts";
import { read } from "./read.ts";

const CASES: [text: string, fields: Partial<BankSms>][] = [
  [
    "[Web발신]\n하나,03/20,10:12\n123-******-45607\n출금50,000원\n홍길동\n잔액150,000원",
    {
      event: "withdrawal",
      bank: "하나은행",
      amount: 50000,
      balance: 150000,
      occurredAt: "2026-03-20T10:12:00+09:00",
      counterparty: "홍길동",
    },
  ],
  [
    "[Web발신]\n농협 입금300,000원\n03/20 11:20 352-****-1234-53 김영수 잔액1,300,000원",
    { event: "deposit", bank: "NH농협은행", amount: 300000, counterparty: "김영수" },
  ],
  [
    "[KB]03/20 10:05\n123456**789\nKT통신요금\n자동이체출금\n45,000\n잔액-120,300",
    { event: "withdrawal", amount: 45000, balance: -120300, counterparty: "KT통신요금" },
  ],
  [
    "[케이뱅크] 출금 20,000원 | 내 통장(4321) → 박*민 | 03/20 09:00 | 잔액 80,000원",
    { event: "withdrawal", bank: "케이뱅크", accountId: "4321", counterparty: "박*민" },
  ],
  [
    "[우체국] 03/20 09:00 입금 10,000원 이순신 잔액 20,000원 100123**456789",
    { event: "deposit", bank: "우체국", accountId: "100123**456789", counterparty: "이순신" },
  ],
  [
    "신한03/20 09:01\n110-***-456789\n출금 30,000\n잔액 3,000\n신한카드",
    { bank: "신한은행", amount: 30000, counterparty: "신한카드" },
  ],
  [
    "[신한은행] 03/20 09:00 110-***-456789 출금 320,000원 신한카드결제 잔액 5,000원",
    { event: "withdrawal", amount: 320000, counterparty: "신한카드결제" },
  ],
  [
    "[카카오뱅크] 출금 12,000원 홍*동(1234) 03/19 11:05 넷플릭스 잔액 1,000원",
    { event: "withdrawal", accountId: "1234", counterparty: "넷플릭스" },
  ],
  [
    "[Web발신]\n[새마을금고] 입금 5,000원 03/20 08:00 김*수 잔액: 7,000원",
    { bank: "MG새마을금고", balance: 7000, counterparty: "김*수" },
  ],
  [
    "우리 03/20 18:30\n*678901\n입금취소 35,000원\n홍길동\n잔액 214,300원",
    { event: "withdrawal", bank: "우리은행", amount: 35000 },
  ],
  [
    "［KB］０３／２０ １０：００\n１２３４５６＊＊７８９\n홍길동\n전자금융입금\n５００，０００\n잔액１，２３４，５６７",
    { event: "deposit", accountId: "123456**789", amount: 500000, balance: 1234567 },
  ],
  [
    "[KB]03/20 10:00\n123456**789\n카카오4417\n전자금융입금\n1\n잔액10,001",
    { amount: 1, counterparty: "카카오4417", accountVerifyCode: "4417" },
  ],
];

describe("a bank's alert", () => {
  it.each(CASES)("%s", (text, fields) => {
    expect(read(text)).toMatchObject({ kind: "bank", code: null, ...fields });
  });

  it.each([
    "회비 30,000원 입금 부탁드려요",
    "[예시몰] 주문하신 상품 30,000원 입금 확인되었습니다.",
    "신한 110-123-456789 로 30,000원 입금해 주세요",
    "내일 김밥 5,000원 출금하지 마",
  ])("is not what a person or a shop writes: %s", (text) => {
    expect(read(text)).toMatchObject({ kind: "other", code: null });
  });
});
