import { describe, expect, it } from "vitest";
import { factsOf, type RequestFacts } from "../../src/rules/facts.ts";
import { ask, request } from "./request.ts";

const SENDER_ID = "snd_01k9zzzzzzzzzzzzzzzzzzzzzz";
const OTHER_ID = "snd_01k9yyyyyyyyyyyyyyyyyyyyyy";

type Case = [match: unknown, parts: Parameters<typeof request>[0], expected: boolean];

const CASES: Case[] = [
  [{}, {}, true],
  [{}, { body: "\u0000" }, true],
  [{ method: ["POST"] }, { method: "POST" }, true],
  [{ method: ["post"] }, { method: "POST" }, true],
  [{ method: ["GET", "PUT"] }, { method: "POST" }, false],
  [{ host: "hooks.*" }, { host: "hooks.example.com" }, true],
  [{ host: "HOOKS.example.com" }, { host: "hooks.example.com" }, true],
  [{ host: "hooks.example.com" }, { host: "hooks.example.com:8787" }, true],
  [{ host: "*:8787" }, { host: "hooks.example.com:8787" }, true],
  [{ host: "hooks.example.com:1" }, { host: "hooks.example.com:8787" }, false],
  [{ host: "hooks.*" }, { host: "a.hooks.example.com" }, false],
  [{ path: "/orders/*" }, { path: "/orders/1/items" }, true],
  [{ path: "/orders/*" }, { path: "/orders" }, false],
  [{ path: "/orders" }, { path: "/orders/" }, false],
  [{ path: "*/items" }, { path: "/orders/1/items" }, true],
  [{ path: "/주문/*" }, { path: "/%EC%A3%BC%EB%AC%B8/1" }, true],
  [{ path: "/%EC%A3%BC%EB%AC%B8/*" }, { path: "/%EC%A3%BC%EB%AC%B8/1" }, true],
  [{ path: "/%zz" }, { path: "/%zz" }, true],
  [{ path: "/A" }, { path: "/a" }, false],
  [{ sender: "billing-*" }, { senderName: "billing-1" }, true],
  [{ sender: "billing-*" }, { senderName: "shop" }, false],
  [{ sender: SENDER_ID }, { senderName: "billing-1", senderId: SENDER_ID }, true],
  [{ sender: SENDER_ID }, { senderName: "billing-1", senderId: OTHER_ID }, false],
  [{ sender: SENDER_ID }, { senderName: SENDER_ID }, false],
  [{ sender: "billing-1" }, { senderName: "billing-1", senderId: SENDER_ID }, true],
  [{ sender: "snd_*" }, { senderName: "billing-1", senderId: SENDER_ID }, false],
  [{ sender: "총무*" }, { senderName: "총무팀 폰".normalize("NFD") }, true],
  // query: text, any of the repeated values, numbers compare with decimal text
  [{ query: { kind: "new" } }, { query: "kind=new&x=1" }, true],
  [{ query: { kind: "new" } }, { query: "kind=old&kind=new" }, true],
  [{ query: { kind: "new" } }, { query: "kind=news" }, false],
  [{ query: { kind: "new" } }, { query: "Kind=new" }, false],
  [
    { query: { 이름: "김 민수" } },
    { query: "%EC%9D%B4%EB%A6%84=%EA%B9%80+%EB%AF%BC%EC%88%98" },
    true,
  ],
  [{ query: { "a.b": "1" } }, { query: "a.b=1" }, true],
  [{ query: { n: { $gte: 10 } } }, { query: "n=9" }, false],
  [{ query: { n: { $gte: 10 } } }, { query: "n=10.5" }, true],
  [{ query: { n: { $gte: 10 } } }, { query: "n=1e3" }, false],
  [{ query: { n: { $gte: 10 } } }, { query: "n= 11" }, false],
  [{ query: { n: { $gte: "9" } } }, { query: "n=10" }, false],
  [{ query: { n: { $lt: 0 } } }, { query: "n=-1" }, true],
  [{ query: { n: 10 } }, { query: "n=10.0" }, true],
  [{ query: { n: "10" } }, { query: "n=10.0" }, false],
  [{ query: { n: { $neq: 10 } } }, { query: "n=x" }, true],
  [{ query: { n: { $in: [7, "x"] } } }, { query: "n=07" }, true],
  [{ query: { n: { $in: [7, "x"] } } }, { query: "n=x" }, true],
  [{ query: { n: { $nin: [7, "x"] } } }, { query: "n=8" }, true],
  [{ query: { n: { $exist: true } } }, { query: "n" }, true],
  [{ query: { n: { $exist: false } } }, { query: "m=1" }, true],
  [{ query: { n: { $regex: "^\\d+$" } } }, { query: "n=123" }, true],
  [{ query: { n: { $contains: "승" } } }, { query: `n=${"승인".normalize("NFD")}` }, true],
  [{ query: { $or: [{ a: "1" }, { b: "1" }] } }, { query: "b=1" }, true],
  [{ query: { $not: { a: "1" } } }, { query: "a=1" }, false],
  [{ query: { __proto__x: { $exist: true } } }, {}, false],
  [{ query: { constructor: { $exist: true } } }, {}, false],
  // headers: names in any case, duplicates joined
  [{ headers: { "x-github-event": "push" } }, { headers: [["X-GitHub-Event", "push"]] }, true],
  [{ headers: { "X-GitHub-Event": "push" } }, { headers: [["x-github-event", "push"]] }, true],
  [{ headers: { "x-a": "one, two" } }, { headers: [["x-a", "one, two"]] }, true],
  [{ headers: { "x-a": "one" } }, { headers: [["x-a", "one, two"]] }, false],
  [
    { headers: { "x-a": "one, two" } },
    {
      headers: [
        ["x-a", "one"],
        ["X-A", "two"],
      ],
    },
    true,
  ],
  [{ headers: { "content-length": { $gt: 5 } } }, { headers: [["content-length", "12"]] }, true],
  [{ headers: { "x-a": { $neq: "b" } } }, {}, true],
  // text
  [{ text: { contains: "승인" } }, { body: "[Web발신] 신한카드 승인 12,300원" }, true],
  [{ text: { contains: "승인" } }, { body: "승인".normalize("NFD") }, true],
  [{ text: { contains: "취소" } }, { body: "승인" }, false],
  [{ text: { regex: "(\\d[\\d,]*)원" } }, { body: "승인 12,300원" }, true],
  [{ text: { regex: "^승인$" } }, { body: "승인 12,300원" }, false],
  [{ text: { contains: "승인", regex: "취소" } }, { body: "승인" }, false],
  [{ text: { contains: "{" } }, { body: "\uFEFF{}" }, true],
  [{ text: { regex: "^\\{" } }, { body: "\uFEFF{}" }, true],
  [{ text: { regex: "^$" } }, {}, true],
  [{ text: { contains: "ok" } }, { body: new Uint8Array([0xff, 0x6f, 0x6b]) }, true],
  [{ text: {} }, {}, true],
  [{ json: {} }, { body: "no json" }, true],
  // all parts must hold
  [{ method: ["POST"], path: "/a", json: { x: 1 } }, { path: "/a", body: { x: 1 } }, true],
  [{ method: ["POST"], path: "/b", json: { x: 1 } }, { path: "/a", body: { x: 1 } }, false],
];

describe("the parts of a match", () => {
  it.each(CASES)("%j on %j → %s", (match, parts, expected) => {
    expect(ask(match, request(parts)).matched).toBe(expected);
  });
});

describe("bodies that cannot be looked into", () => {
  const base: RequestFacts = {
    method: "POST",
    host: "h",
    path: "/",
    query: "",
    headers: [],
    senderName: "",
    contentType: "application/json",
    body: null,
  };
  const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  const encode = (text: string) => new TextEncoder().encode(text);

  it.each([
    ["empty", { body: null }, "the body is not JSON: it is empty"],
    ["no JSON", { body: encode("승인 1원") }, "the body is not JSON: "],
    ["cut", { body: encode('{"a":') }, "the body is not JSON: "],
    ["10,000 deep", { body: encode(deep) }, "nested deeper than 512 levels"],
    ["over 1 MiB", { body: new Uint8Array(1024 * 1024 + 1) }, "the body has 1048577 bytes"],
    ["large and not loaded", { body: null, size: 5_000_000 }, "the body has 5000000 bytes"],
    ["lost", { body: null, size: 10 }, "the stored body is missing"],
  ])("%s: no condition on it holds, not even a negation", (_, parts, reason) => {
    const facts = factsOf({ ...base, ...parts });
    for (const json of [
      { a: 1 },
      { a: { $exist: false } },
      { a: { $neq: 1 } },
      { $not: { a: 1 } },
    ]) {
      const { matched, trace } = ask({ json }, facts);
      expect(matched).toBe(false);
      expect(trace.length).toBeGreaterThan(0);
      for (const line of trace) expect(line).toMatchObject({ ok: false });
      expect(trace[0]?.actual).toContain(reason);
    }
  });

  it("text ends where JSON does: at 1 MiB", () => {
    const fits = factsOf({ ...base, body: encode(`승인${"x".repeat(1024 * 1024 - 6)}`) });
    expect(ask({ text: { contains: "승인" } }, fits).matched).toBe(true);
    const over = factsOf({ ...base, body: encode(`승인${"x".repeat(1024 * 1024 - 5)}`) });
    const { matched, trace } = ask({ text: { contains: "승인" } }, over);
    expect(matched).toBe(false);
    expect(trace[0]?.actual).toContain("1048576 at most");
  });

  it("nesting of 512 levels is still read", () => {
    const body = encode(`${"[".repeat(511)}{"a":1}${"]".repeat(511)}`);
    expect(ask({ json: { a: 1 } }, factsOf({ ...base, body })).matched).toBe(true);
  });

  it("decodes nothing that no rule asks for, and everything once", () => {
    let reads = 0;
    const facts = factsOf({
      ...base,
      get body() {
        reads++;
        return encode('{"a":1}');
      },
    });
    ask({ method: ["POST"], headers: { a: { $exist: false } } }, facts);
    expect(reads).toBe(0);
    ask({ text: { contains: "a" }, json: { a: 1 } }, facts);
    ask({ json: { a: 2 } }, facts);
    expect(reads).toBe(1);
  });
});
