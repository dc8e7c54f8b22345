import { describe, expect, it } from "vitest";
import { ask, request } from "./request.ts";

const NFD = "승인".normalize("NFD");

const BODY = {
  amount: 10000,
  text: "10000",
  name: "kim 민수",
  merchant: "스타벅스 강남점",
  decomposed: NFD,
  zero: 0,
  empty: "",
  yes: true,
  nothing: null,
  list: ["a", "b"],
  numbers: [1, 5, 9],
  none: [],
  nested: [[1, 2], [3]],
  user: { name: "lee", tags: ["vip", "새회원"], address: { city: "서울" } },
  "user.name": "literal",
  "a.b": { c: 1 },
  items: [
    { sku: "x1", price: 5, opts: [{ k: 1 }] },
    { sku: "x2", price: 50, opts: [{ k: 2 }, { k: 3 }] },
  ],
  object: { b: 2, a: 1 },
  emoji: "😀",
  private: "\uE000",
};

/** Condition on `json`, and whether BODY meets it. */
const CASES: [unknown, boolean][] = [
  // $eq and bare values: types are strict
  [{ amount: 10000 }, true],
  [{ amount: { $eq: 10000 } }, true],
  [{ amount: "10000" }, false],
  [{ text: 10000 }, false],
  [{ text: "10000" }, true],
  [{ yes: true }, true],
  [{ yes: "true" }, false],
  [{ yes: 1 }, false],
  [{ zero: false }, false],
  [{ zero: -0 }, true],
  [{ empty: "" }, true],
  [{ merchant: "스타벅스 강남점" }, true],
  [{ merchant: "스타벅스" }, false],
  [{ decomposed: "승인" }, false],
  [{ nothing: null }, true],
  [{ missing: null }, false],
  [{ zero: null }, false],
  [{ object: { a: 1, b: 2 } }, true],
  [{ object: { a: 1 } }, false],
  [{ object: {} }, false],
  [{ object: { $eq: { a: 1, b: 2, c: 3 } } }, false],
  [{ list: ["a", "b"] }, true],
  [{ list: ["b", "a"] }, false],
  [{ none: [] }, true],
  // $neq, $nin are negations, so a missing field satisfies them
  [{ amount: { $neq: 10000 } }, false],
  [{ amount: { $neq: 1 } }, true],
  [{ missing: { $neq: 1 } }, true],
  [{ list: { $neq: "a" } }, false],
  [{ list: { $neq: "z" } }, true],
  [{ amount: { $nin: [1, 2] } }, true],
  [{ amount: { $nin: [1, 10000] } }, false],
  [{ missing: { $nin: [1] } }, true],
  [{ nothing: { $neq: null } }, false],
  [{ missing: { $neq: null } }, true],
  // order
  [{ amount: { $gt: 9999 } }, true],
  [{ amount: { $gt: 10000 } }, false],
  [{ amount: { $gte: 10000 } }, true],
  [{ amount: { $gte: 10000.5 } }, false],
  [{ amount: { $lt: 10001 } }, true],
  [{ amount: { $lt: 10000 } }, false],
  [{ amount: { $lte: 10000 } }, true],
  [{ amount: { $lte: 9999 } }, false],
  [{ text: { $gte: 1 } }, false],
  [{ amount: { $gt: "1" } }, false],
  [{ missing: { $lt: 5 } }, false],
  [{ nothing: { $lte: 0 } }, false],
  [{ yes: { $gte: 0 } }, false],
  [{ name: { $gt: "kim" } }, true],
  [{ name: { $lt: "kim" } }, false],
  [{ merchant: { $gt: "가" } }, true],
  [{ merchant: { $gt: "하" } }, false],
  [{ emoji: { $gt: "\uE000" } }, true],
  [{ private: { $lt: "😀" } }, true],
  [{ amount: { $gt: 1, $lt: 20000 } }, true],
  [{ amount: { $gt: 1, $lt: 2 } }, false],
  // $in
  [{ amount: { $in: [1, 10000] } }, true],
  [{ amount: { $in: ["10000"] } }, false],
  [{ list: { $in: ["b"] } }, true],
  [{ list: { $in: [["a", "b"]] } }, true],
  [{ object: { $in: [{ b: 2, a: 1 }] } }, true],
  [{ nothing: { $in: [null] } }, true],
  [{ missing: { $in: [null] } }, false],
  // text
  [{ name: { $startsWith: "kim" } }, true],
  [{ name: { $startsWith: "im" } }, false],
  [{ name: { $endsWith: "민수" } }, true],
  [{ name: { $endsWith: "민" } }, false],
  [{ name: { $contains: "m 민" } }, true],
  [{ name: { $contains: "x" } }, false],
  [{ decomposed: { $contains: "인" } }, true],
  [{ decomposed: { $startsWith: "승" } }, true],
  [{ decomposed: { $endsWith: NFD } }, true],
  [{ merchant: { $contains: "스타벅스".normalize("NFD") } }, true],
  [{ amount: { $startsWith: "1" } }, false],
  [{ amount: { $contains: "1" } }, false],
  // $contains on lists
  [{ numbers: { $contains: 5 } }, true],
  [{ numbers: { $contains: "5" } }, false],
  [{ nested: { $contains: [3] } }, true],
  [{ nested: { $contains: [4] } }, false],
  [{ items: { $contains: { sku: "x1" } } }, false],
  // $exist
  [{ nothing: { $exist: true } }, true],
  [{ missing: { $exist: true } }, false],
  [{ missing: { $exist: false } }, true],
  [{ amount: { $exist: false } }, false],
  [{ none: { $exist: true } }, true],
  // $regex
  [{ merchant: { $regex: "^스타.*점$" } }, true],
  [{ merchant: { $regex: "벅스 강" } }, true],
  [{ merchant: { $regex: "^강남" } }, false],
  [{ amount: { $regex: "1" } }, false],
  [{ list: { $regex: "^b$" } }, true],
  [{ name: { $regex: "(?i)KIM" } }, true],
  // paths
  [{ "user.name": "literal" }, true],
  [{ "user.name": "lee" }, false],
  [{ "user.address.city": "서울" }, true],
  [{ "user.address.zip": { $exist: true } }, false],
  [{ "user.address": { city: "서울" } }, true],
  [{ "user.tags": "새회원" }, true],
  [{ "user.tags.0": "vip" }, true],
  [{ "user.tags.1": "vip" }, false],
  [{ "user.tags.2": { $exist: true } }, false],
  [{ "items.sku": "x2" }, true],
  [{ "items.sku": "x3" }, false],
  [{ "items.1.sku": "x2" }, true],
  [{ "items.0.sku": "x2" }, false],
  [{ "items.opts.k": 3 }, true],
  [{ "items.opts.0.k": 3 }, false],
  [{ "items.1.opts.1.k": 3 }, true],
  [{ "items.price": { $gt: 40 } }, true],
  [{ "items.price": { $gt: 60 } }, false],
  [{ "items.sku": { $neq: "x1" } }, false],
  [{ "items.nope": { $exist: false } }, true],
  [{ "amount.x": { $exist: true } }, false],
  [{ "list.length": { $exist: true } }, false],
  [{ "text.length": { $exist: true } }, false],
  [{ "nested.0.1": 2 }, true],
  // a list, or any of its elements
  [{ numbers: 5 }, true],
  [{ numbers: { $gt: 8 } }, true],
  [{ numbers: { $gt: 9 } }, false],
  [{ numbers: { $gt: 8, $lt: 2 } }, true],
  [{ nested: [3] }, true],
  [{ nested: 3 }, false],
  // own keys only
  [{ constructor: { $exist: true } }, false],
  [{ toString: { $exist: false } }, true],
  [{ "user.__proto__.x": { $exist: true } }, false],
  [{ "list.constructor": { $exist: true } }, false],
  // logic at object level
  [{}, true],
  [{ $or: [{ amount: 1 }, { amount: 10000 }] }, true],
  [{ $or: [{ amount: 1 }, { amount: 2 }] }, false],
  [{ $or: [{ amount: 10000, text: "no" }, { yes: false }] }, false],
  [{ $and: [{ amount: 10000 }, { yes: true }] }, true],
  [{ $and: [{ amount: 10000 }, { yes: false }] }, false],
  [{ $not: { amount: 1 } }, true],
  [{ $not: { amount: 10000 } }, false],
  [{ $not: { amount: 10000, yes: false } }, true],
  [{ $not: { missing: 1 } }, true],
  [{ $not: { $not: { amount: 10000 } } }, true],
  [{ $or: [{ $and: [{ amount: { $lt: 5 } }, { yes: true }] }, { $not: { text: "1" } }] }, true],
  [{ amount: 10000, $or: [{ yes: false }] }, false],
  // logic at field level
  [{ amount: { $not: { $gt: 5 } } }, false],
  [{ amount: { $not: { $gt: 50000 } } }, true],
  [{ amount: { $not: 5 } }, true],
  [{ missing: { $not: { $gt: 5 } } }, true],
  [{ amount: { $or: [{ $lt: 1 }, { $gt: 5 }] } }, true],
  [{ amount: { $or: [{ $lt: 1 }, 7] } }, false],
  [{ amount: { $or: [{ $lt: 1 }, 10000] } }, true],
  [{ amount: { $and: [{ $gt: 1 }, { $lt: 5 }] } }, false],
  [{ amount: { $gt: 1, $not: { $in: [7, 8] } } }, true],
  [{ list: { $not: "a" } }, false],
];

describe("json conditions", () => {
  it.each(CASES)("%j → %s", (json, expected) => {
    expect(ask({ json }, request({ body: BODY })).matched).toBe(expected);
  });

  it("sees __proto__, constructor and hasOwnProperty as ordinary keys of a body", () => {
    const body = '{"__proto__":{"admin":true},"constructor":"x","hasOwnProperty":1}';
    const facts = request({ body });
    const match = (text: string) => ask({ json: JSON.parse(text) }, facts).matched;
    expect(match('{"__proto__.admin":true}')).toBe(true);
    expect(match('{"__proto__":{"admin":true}}')).toBe(true);
    expect(match('{"__proto__":{"admin":false}}')).toBe(false);
    expect(match('{"constructor":"x","hasOwnProperty":1}')).toBe(true);
    expect(match('{"constructor.name":{"$exist":true}}')).toBe(false);
    expect(match('{"admin":{"$exist":true}}')).toBe(false);
  });

  it("reaches a key that begins with a dollar by $eq and by a path", () => {
    const facts = request({ body: { event: { $type: "order" } } });
    expect(ask({ json: { "event.$type": "order" } }, facts).matched).toBe(true);
    expect(ask({ json: { event: { $eq: { $type: "order" } } } }, facts).matched).toBe(true);
  });

  it.each([
    ['"승인"', false],
    ["[]", false],
    ["7", false],
    ['[{"a":1},{"a":2}]', true],
  ])("a body that is no object, %s → %s", (body, expected) => {
    expect(ask({ json: { a: 2 } }, request({ body })).matched).toBe(expected);
  });
});
