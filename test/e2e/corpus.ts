import { createHash, randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";

/** One request of the corpus. `chunked`: sent without a length. */
export type Case = {
  name: string;
  method: string;
  /** Path and query behind the case's own prefix; in the form that the URL standard leaves unchanged. */
  url: string;
  headers: Record<string, string>;
  body: Buffer;
  chunked: boolean;
};

const METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "REPORT"];

const PATHS = [
  "/",
  "/orders/1",
  "/trailing/",
  "//double//slash",
  "/a%2Fb",
  "/..%2f..%2fetc",
  "/%ED%95%9C%EA%B8%80",
  "/%FF%FE",
  "/%00",
  "/sp%20ace+plus",
  "/semi;colon=1,comma",
  "/at@colon:bang!",
  "/dollar$amp&star*paren()'",
  "/tilde~dash-dot.under_",
  "/percent%25",
  `/long/${"x".repeat(4000)}`,
];

const QUERIES = [
  "",
  "?a=1&b=2",
  "?a=2&a=1",
  "?empty=&flag",
  "?q=%EC%8A%B9%EC%9D%B8",
  "?plus=a+b&space=a%20b",
  "?nested=a%3Db%26c",
  "?question=a?b",
  "?bad=%zz&lone=%",
  "?semi=1;2",
  "?json=%7B%22a%22%3A1%7D",
  "?slash=/a/../b",
];

const TYPES: [string, string | Buffer][] = [
  ["application/json", '{"name":"승인","n":12345678901234567890,"f":1.10}'],
  ["application/json; charset=utf-8", '\uFEFF{"bom":true}'],
  ["application/x-www-form-urlencoded", "a=1&b=%ED%95%9C&a=2"],
  ["text/plain", "[Web발신]\r\n신한카드(1234)승인 12,000원\r\n"],
  ["text/plain; charset=euc-kr", Buffer.from([0xbd, 0xc2, 0xc0, 0xce])],
  ["application/xml", "<a b='c'>&amp;</a>\n"],
  ["application/octet-stream", Buffer.from([0, 255, 254, 10, 13, 128])],
  ["application/json", "this is no JSON {"],
  ["application/x-ndjson", '{"a":1}\n{"a":2}\n'],
  ["image/png", Buffer.from("89504e470d0a1a0a00", "hex")],
  ["", "no content type"],
];

const SIZES = [
  0,
  1,
  2,
  1023,
  65_535,
  65_536,
  262_143,
  262_144,
  262_145,
  1_048_576,
  3_000_000,
  5 * 1024 * 1024,
];

/** Builds the corpus: methods × types, sizes with and without a length, odd paths and queries, gzip, multipart. */
export function buildCorpus(): Case[] {
  const cases: Case[] = [];
  const add = (name: string, one: Partial<Case>) =>
    cases.push({
      name,
      method: "POST",
      url: "/",
      headers: {},
      body: Buffer.alloc(0),
      chunked: false,
      ...one,
    });
  for (const method of METHODS) {
    for (const [type, body] of TYPES) {
      add(`${method} ${type || "untyped"}`, {
        method,
        headers: type ? { "content-type": type } : {},
        body: Buffer.from(body),
      });
    }
    add(`${method} empty`, { method });
  }
  for (const method of ["GET", "HEAD"])
    add(`${method} without a body`, { method, url: "/get?x=1" });
  for (const path of PATHS) {
    for (const query of QUERIES)
      add(`${path.slice(0, 30)}${query}`, { url: path + query, body: Buffer.from("x") });
  }
  for (const size of SIZES) {
    for (const chunked of [false, true]) {
      add(`${size} bytes${chunked ? " chunked" : ""}`, { body: randomBytes(size), chunked });
    }
  }
  addEncodings(add);
  return cases;
}

function addEncodings(add: (name: string, one: Partial<Case>) => void): void {
  const text = Buffer.from("한글 and text, ".repeat(1000));
  for (const chunked of [false, true]) {
    add(`gzip${chunked ? " chunked" : ""}`, {
      headers: { "content-encoding": "gzip", "content-type": "text/plain" },
      body: gzipSync(text),
      chunked,
    });
    add(`bytes that claim to be gzip${chunked ? " chunked" : ""}`, {
      headers: { "content-encoding": "gzip" },
      body: Buffer.from("not gzip at all"),
      chunked,
    });
    add(`large gzip${chunked ? " chunked" : ""}`, {
      headers: { "content-encoding": "gzip" },
      body: gzipSync(randomBytes(700_000)),
      chunked,
    });
  }
  const boundary = "----baton";
  const parts = Buffer.concat([
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="파일"; filename="a.bin"\r\n\r\n`,
    ),
    randomBytes(5000),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  for (const method of ["POST", "PUT"]) {
    add(`${method} multipart`, {
      method,
      headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
      body: parts,
    });
  }
}

export function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}
