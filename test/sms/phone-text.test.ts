import { describe, expect, it } from "vitest";
import {
  maskedBody,
  maskFields,
  maskQuery,
  messageKey,
  phoneSmsOf,
  phoneTextOf,
  saysNothing,
  smsTextOf,
} from "../../src/sms/index.ts";
import { cpuMs } from "../support/cpu-ms.ts";

const encode = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const JSON_TYPE = "application/json";
const FORM = "application/x-www-form-urlencoded";

describe("what a phone forwards", () => {
  it.each([
    ["its body", '{"message":"a","from":"1"}', "message=b&from=2&id=3", "a", "1", "3"],
    [
      "its query, without a body",
      null,
      "message=%EC%8A%B9+1&phoneNumber=%2B82",
      "승 1",
      "+82",
      null,
    ],
    ["its query in EUC-KR", null, "text=%BD%C2%C0%CE", "승인", null, null],
    [
      "its query in CP949, with a syllable that EUC-KR lacks",
      null,
      "text=%8Cc%94%EE",
      "똠뷁",
      null,
      null,
    ],
    ["its query, beside a body without text", '{"battery":5}', "sms=b", "b", null, null],
    ["plain text, its facts in the query", "a", "from=1544&messageId=7", "a", "1544", "7"],
  ])("is %s", (_, body, query, text, sender, id) => {
    const contentType = body?.startsWith("{") ? JSON_TYPE : null;
    const request = { contentType, query, body: body === null ? null : encode(body) };
    expect(phoneTextOf(request)).toMatchObject({ text, sender, id });
  });

  it("is nothing without a text in either", () => {
    for (const query of ["", "from=1544", "message=", "message=+"]) {
      expect(phoneTextOf({ contentType: null, query, body: null })).toBeNull();
    }
  });

  it("is a code when it is 4 to 8 digits only", () => {
    const sms = (body: string) =>
      phoneSmsOf({ contentType: null, query: "", body: encode(body), receivedAt: 0 });
    expect(sms("024561")).toMatchObject({ kind: "otp", code: "024561" });
    expect(sms('{"message":12345}')).toMatchObject({ kind: "otp", code: "12345" });
    for (const text of ["123", "123456789", "12345원"]) expect(sms(text)?.kind).toBe("other");
  });
});

it.each([
  [null, "", true],
  [null, " \r\n\uFEFF", true],
  [JSON_TYPE, "{}", true],
  [JSON_TYPE, '{"message":"","x":[null,{"y":" "}]}', true],
  [JSON_TYPE, '""', true],
  [FORM, "message=&from=+%20", true],
  ["multipart/form-data; boundary=b", '--b\n; name="message"\n\n\n--b--', true],
  [JSON_TYPE, '{"message":"","battery":5}', false],
  [JSON_TYPE, '{"message":""', false],
  [JSON_TYPE, "0", false],
  [FORM, "안녕", false],
  [FORM, "message=&from=1", false],
  [null, "a=b=", false],
  ["multipart/form-data; boundary=b", '--b\n; name="f"; filename="a"\n\n\n--b--', false],
  [JSON_TYPE, `${"[".repeat(100)}${"]".repeat(100)}`, false],
])("a body %s %j says nothing: %s", (type, body, expected) => {
  expect(saysNothing(type, encode(body))).toBe(expected);
});

it("hostile bodies are looked at in little time", () => {
  for (const part of ["a=", "a=&", "a=+", "+", "%20", "{", '""']) {
    const body = encode(part.repeat(65_536 / part.length).concat("!"));
    const start = cpuMs();
    saysNothing(FORM, body);
    maskedBody(FORM, body, (text) => text);
    expect(cpuMs() - start).toBeLessThan(1000);
  }
});

it("one message has one key, however it is written; id, time, number and text make another", () => {
  const keyOf = (body: string) => {
    const message = smsTextOf(JSON_TYPE, encode(body));
    return message && messageKey(message);
  };
  const first = keyOf('{"message":"[Web발신]\\n승인  1,000원"}');
  expect(keyOf('{"text":"승인 １,000원\\r\\n","name":"Kim"}')).toBe(first);
  const others = [
    '{"message":"승인 1,000원","id":"1"}',
    '{"message":"승인 1,000원","date":"1"}',
    '{"message":"승인 1,000원","from":"1"}',
    '{"message":"승인 1,00원"}',
  ].map(keyOf);
  expect(new Set([first, ...others]).size).toBe(5);
});

describe("in a copy codes are masked, however they are written", () => {
  const masks = (body: string, type: string | null) => {
    const bytes = encode(body);
    const mask = (text: string) => text.normalize("NFKC").replace(/482[ -]?913/g, "******");
    return decode(maskedBody(type, bytes, mask));
  };
  it.each([
    ['{"message":"a 482913","n":482913}', JSON_TYPE, '{"message":"a ******","n":"******"}'],
    ['{"m":"\\uff14\\uff18\\uff12913"}', JSON_TYPE, '{"m":"******"}'],
    ['{"m":"482913\n"}', JSON_TYPE, '{"m":"******\n"}'],
    ["482913", "text/plain", '"******"'],
    ["message=a%20%34%382913&from=1", FORM, "message=a%20******&from=1"],
    ["message=482+913", FORM, "message=******"],
    ["code 482-913", null, "code ******"],
  ])("%j", (body, type, masked) => {
    expect(masks(body, type)).toBe(masked);
  });

  it("and a body without one stays byte for byte", () => {
    for (const body of ['{ "a": "４" }', "４", "a=%EF%BC%94"]) expect(masks(body, FORM)).toBe(body);
    const binary = new Uint8Array([0, 255]);
    expect(maskedBody(null, binary, () => "x")).toBe(binary);
  });

  it("in a query", () => {
    expect(
      maskQuery("a=%20&message=%EC%9D%B8%EC%A6%9D%EB%B2%88%ED%98%B8+482+913&x=482913", 0),
    ).toBe("a=%20&message=%EC%9D%B8%EC%A6%9D%EB%B2%88%ED%98%B8%20******&x=******");
    expect(maskQuery("message=024561", 0)).toBe("message=******");
    for (const query of ["", "id=024561", "message=hello", "a&&b="]) {
      expect(maskQuery(query, 0)).toBe(query);
    }
    expect(maskFields("1&2", (text) => text)).toBe("1&2");
  });
});
