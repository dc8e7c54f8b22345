import { describe, expect, it } from "vitest";
import { ByteBuffer } from "../../src/byte-buffer.ts";
import { readSettings } from "../../src/context.ts";
import { toBase64 } from "../../src/crypto.ts";
import { captureHeaders, rawQuery, readHops, senderName } from "../../src/ingest/capture.ts";
import { exceedsDepth } from "../../src/json-depth.ts";
import { keyId, seal, unseal } from "../../src/sealing.ts";

const KEY = toBase64(new Uint8Array(32).fill(1));
const OTHER_KEY = toBase64(new Uint8Array(32).fill(2));

describe("sealing", () => {
  it("opens with the same key and row only", async () => {
    const sealed = await seal(KEY, "destination:dst_1", "비밀");
    expect(sealed).not.toContain("비밀");
    expect(sealed.startsWith(`${await keyId(KEY)}.`)).toBe(true);
    expect(await unseal(KEY, "destination:dst_1", sealed)).toBe("비밀");
    await expect(unseal(KEY, "destination:dst_2", sealed)).rejects.toThrow();
    await expect(unseal(OTHER_KEY, "destination:dst_1", sealed)).rejects.toThrow("MASTER_KEY");
    await expect(unseal(KEY, "destination:dst_1", `${sealed.slice(0, -4)}AAA=`)).rejects.toThrow();
  });

  it("never seals the same text to the same bytes", async () => {
    expect(await seal(KEY, "a", "x")).not.toBe(await seal(KEY, "a", "x"));
  });
});

it.each([
  ["[[1]]", 2, false],
  ["[[1]]", 1, true],
  ['"[[[["', 1, false],
  ['["\\"[[[["]', 1, false],
  ['{"a":{"b":[]}}', 3, false],
  ["[".repeat(10_000), 64, true],
  ["[],[],[]", 1, false],
])("%j nests deeper than %i: %s", (json, max, deeper) => {
  expect(exceedsDepth(json, max)).toBe(deeper);
});

it.each([
  ["http://h/p", ""],
  ["http://h/p?", ""],
  ["http://h/p?a=%20b&a=2", "a=%20b&a=2"],
  ["http://h/p?a=1?b", "a=1?b"],
  ["http://h/p#f?x", ""],
])("the raw query of %s is %j", (url, query) => {
  expect(rawQuery(url)).toBe(query);
});

it("captures the sender's headers without the platform's", () => {
  const headers = new Headers({
    "X-A": "1",
    "cf-ray": "r",
    "cf-connecting-ip": "1.2.3.4",
    cookie: "c",
  });
  expect(captureHeaders(headers)).toEqual([
    ["cookie", "c"],
    ["x-a", "1"],
  ]);
});

it.each([
  [null, 0],
  ["", 0],
  ["abc", 0],
  ["-1", 0],
  ["1.5", 0],
  ["3", 3],
  ["4, 1", 4],
  ["4, x", 4],
])("hops of %j are %i", (header, hops) => {
  expect(readHops(header)).toBe(hops);
});

it("names a sender by user agent and address", () => {
  expect(senderName("curl/8", "1.2.3.4")).toBe("curl/8 @ 1.2.3.4");
  expect(senderName(null, null)).toBe("unknown @ unknown");
  expect(senderName("x".repeat(1000), null)).toHaveLength(200);
});

it("loopback is never allowed in production, whatever the variable says", () => {
  const env = { APP_URL: "", INGEST_URL: "", MASTER_KEY: "", ALLOW_LOOPBACK: "true" };
  expect(readSettings({ ...env, BASE_DOMAIN: "localhost" }).allowLoopback).toBe(true);
  expect(readSettings({ ...env, BASE_DOMAIN: "example.com" }).allowLoopback).toBe(false);
});

describe("a byte buffer", () => {
  it("gives back what it was given, in parts of any size", () => {
    const buffer = new ByteBuffer();
    const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i % 251);
    for (let i = 0; i < bytes.length; i += 7) buffer.push(bytes.subarray(i, i + 7));
    expect(buffer.size).toBe(20_000);
    expect([...buffer.take(12_345), ...buffer.take(1), ...buffer.take()]).toEqual([...bytes]);
    expect(buffer.take()).toHaveLength(0);
  });

  it("does not keep the buffers of tiny chunks", () => {
    const buffer = new ByteBuffer();
    for (let i = 0; i < 1000; i++) buffer.push(new Uint8Array(new ArrayBuffer(4096), 0, 1));
    expect(buffer.take().buffer.byteLength).toBeLessThan(10_000);
  });
});
