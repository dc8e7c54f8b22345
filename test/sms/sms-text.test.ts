import { describe, expect, it } from "vitest";
import { MAX_SMS_BYTES } from "../../src/sms/constants.ts";
import { maskCodes, parseSms, smsTextOf } from "../../src/sms/index.ts";
import { cpuMs } from "../support/cpu-ms.ts";

const encode = (text: string) => new TextEncoder().encode(text);
/** `신한 승인` in EUC-KR. */
const EUC_KR = new Uint8Array([0xbd, 0xc5, 0xc7, 0xd1, 0x20, 0xbd, 0xc2, 0xc0, 0xce]);
const wrap = (before: string, after: string) =>
  new Uint8Array([...encode(before), ...EUC_KR, ...encode(after)]);

type Case = [type: string | null, body: string | Uint8Array, text: string, sender?: string | null];
const JSON_TYPE = "application/json";
const FORM = "application/x-www-form-urlencoded";

const CASES: Case[] = [
  [JSON_TYPE, '{"text":"승인","number":"1588"}', "승인", "1588"],
  [JSON_TYPE, '{"body":"승인","address":1588}', "승인", "1588"],
  [JSON_TYPE, '{"sms":"승인","sender":""}', "승인"],
  [JSON_TYPE, '{"msg":"","content":"승인"}', "승인"],
  [JSON_TYPE, '{"data":{"sms":"승인","from":"1"}}', "승인", "1"],
  [JSON_TYPE, '"승인"', "승인"],
  [JSON_TYPE, '\uFEFF{"message":"승인"}', "승인"],
  ["text/plain", ' {"message":"승인"}', "승인"],
  [null, '{"message":"승인"}', "승인"],
  [null, "승인 1,000원", "승인 1,000원"],
  ["text/plain", "[Web발신]\n승인", "[Web발신]\n승인"],
  // What a template breaks
  [JSON_TYPE, '{"message":"그가 "네" 했다","from":"1588"}', '그가 "네" 했다', "1588"],
  [JSON_TYPE, '{"message":"a\r\nb\t"c", d","from":"1","name":"x"}', 'a\r\nb\t"c", d', "1"],
  [JSON_TYPE, '{"from":"1588","message":"a"b"}', 'a"b', "1588"],
  [
    JSON_TYPE,
    '{"message":"a\nb \\"c\\" \\n \\uc2b9","from":01012345678}',
    'a\nb "c" \n 승',
    "01012345678",
  ],
  [JSON_TYPE, '{"message":"C:\\dir\n{a}"}', "C:dir\n{a}"],
  [JSON_TYPE, '{"message":"cut off', "cut off"],
  [JSON_TYPE, '{"message":승인 1,000원}', '{"message":승인 1,000원}'],
  // Forms
  [FORM, "text=%EC%8A%B9%EC%9D%B8&sender=%2B8210", "승인", "+8210"],
  [FORM, "message=%BD%C5%C7%D1+%BD%C2%C0%CE", "신한 승인"],
  [FORM, "승인 1,000원", "승인 1,000원"],
  [FORM, '{"message":"승인"}', "승인"],
  [FORM, "message=100%&from=%zz", "100%", "%zz"],
  [
    'multipart/form-data; boundary="b1"',
    '--b1\r\nContent-Disposition: form-data; name="message"\r\n\r\n승인\r\n1원\r\n--b1\r\nContent-Disposition: form-data; name="from"\r\n\r\n1588\r\n--b1--\r\n',
    "승인\n1원",
    "1588",
  ],
  // EUC-KR
  ["text/plain", EUC_KR, "신한 승인"],
  // CP949: syllables that EUC-KR lacks, where Node's own decoder would read `c` and nothing
  ["text/plain", new Uint8Array([0x8c, 0x63, 0x20, 0x94, 0xee]), "똠 뷁"],
  [JSON_TYPE, wrap('{"message":"', '","from":"1588"}'), "신한 승인", "1588"],
];

describe("the text of a forwarded message", () => {
  it.each(CASES)("%s %j → %j", (type, body, text, sender = null) => {
    const bytes = typeof body === "string" ? encode(body) : body;
    expect(smsTextOf(type, bytes)).toMatchObject({ text, sender });
  });

  it.each([
    ["an empty body", ""],
    ["blanks", " \n"],
    ["JSON without a text", '{"amount":1}'],
    ["a list", "[1]".replace("[", '{"a":[').replace("]", "]}")],
    ["a text that is no text", '{"message":{"a":1}}'],
    ["a control character", "a\u0000b"],
    ["nesting", `${'{"a":'.repeat(100)}1${"}".repeat(100)}`],
  ])("is not there in %s", (_, body) => {
    expect(smsTextOf("application/json", encode(body))).toBeNull();
  });

  it("is looked for in 64 KiB at most, hostile ones too", () => {
    expect(smsTextOf(null, encode("x".repeat(MAX_SMS_BYTES)))).not.toBeNull();
    expect(smsTextOf(null, encode("x".repeat(MAX_SMS_BYTES + 1)))).toBeNull();
    for (const part of ['"message":"', '{"a":', "\\u", '"', "%", "--b\n\n", "&a="]) {
      const body = encode(`{"message":"${part.repeat(60_000 / part.length)}`);
      const start = cpuMs();
      smsTextOf("application/json", body);
      smsTextOf(FORM, body.subarray(1));
      smsTextOf("multipart/form-data; boundary=b", body.subarray(1));
      expect(cpuMs() - start).toBeLessThan(1000);
    }
  });
});

describe("codes are masked", () => {
  it.each([
    ["[토스] 인증번호 : 123 456 (3분)", "[토스] 인증번호 : ****** (3분)"],
    ["G-482913은(는) Google 인증 코드", "******은(는) Google 인증 코드"],
    [
      "인증번호는 847201 입니다.\n\n@a.example.kr #847201",
      "인증번호는 ****** 입니다.\n\n@a.example.kr #******",
    ],
    ["예시톡 인증번호482913입니다", "예시톡 인증번호******입니다"],
    ["인증번호 ４８２９１３", "인증번호 ******"],
    ["[무인택배] 보관함 12번 비밀번호 4821", "[무인택배] 보관함 12번 비밀번호 ******"],
    [
      "[KB]02/20 10:00\n123456**789\n토스8294\n입금\n1\n잔액1",
      "[KB]02/20 10:00\n123456**789\n토스******\n입금\n1\n잔액1",
    ],
    [
      "신한카드(1234)승인 홍*동 12,000원 02/12 12:34 A",
      "신한카드(1234)승인 홍*동 12,000원 02/12 12:34 A",
    ],
  ])("%j → %j", (text, masked) => {
    expect(maskCodes(parseSms({ text, receivedAt: 0 }))?.(text) ?? text).toBe(masked);
  });
});
