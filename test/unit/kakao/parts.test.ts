import { describe, expect, it } from "vitest";
import { toBase64 } from "../../../src/crypto.ts";
import { readFirstJson } from "../../../src/kakao/first-json.ts";
import { addressOf } from "../../../src/kakao/limit-address.ts";
import { readCommand } from "../../../src/kakao/read-command.ts";
import { readRelayPath } from "../../../src/kakao/relay-path.ts";
import {
  CODE_PATTERN,
  findRelayToken,
  hashToken,
  makeRelayToken,
  newPairingCode,
  newSessionToken,
} from "../../../src/kakao/tokens.ts";

it.each([
  ["/v1/events", null, "/v1/events"],
  ["//health", null, "/health"],
  ["///v1/sessions/create", null, "/v1/sessions/create"],
  ["/kakao/webhook", null, "/kakao/webhook"],
  ["/kakao/shop/webhook", "shop", "/kakao/webhook"],
  ["/kakao/Shop/v1/events", "shop", "/v1/events"],
  ["/kakao/shop/openclaw/reply", "shop", "/openclaw/reply"],
  ["/kakao/webhook/webhook", "webhook", "/kakao/webhook"],
  ["/kakao/shop/health", "shop", "/health"],
  ["/kakao/shop//health", "shop", "/health"],
  ["/kakao/shop//v1/events", "shop", "/v1/events"],
  ["/kakao/shop/api/v1/sources", null, "/kakao/shop/api/v1/sources"],
  ["/kakao/shop", null, "/kakao/shop"],
  ["/api/v1//events", null, "/api/v1//events"],
])("%s is of %s: %s", (pathname, slug, path) => {
  expect(readRelayPath(pathname)).toEqual({ slug, path });
});

it.each([
  ["/pair ABCD-2345", { kind: "pair", code: "ABCD-2345" }],
  [" /pair   x ", { kind: "pair", code: "  x" }],
  ["/unpair", { kind: "unpair" }],
  ["/status\n", { kind: "status" }],
  ["/help", { kind: "help" }],
  ["/pair", null],
  ["/pair ", null],
  ["/pair\tABCD-2345", null],
  ["/PAIR ABCD-2345", null],
  ["/unpair x", null],
  ["/help me", null],
  ["hello /help", null],
  ["", null],
])("%j is the command %j", (text, command) => {
  expect(readCommand(text)).toEqual(command);
});

it.each([
  ["{}", {}],
  ['  {"a":1}\n', { a: 1 }],
  ['{"a":"}\\"{"} and more', { a: '}"{' }],
  ['{"a":1}{"b":2}', { a: 1 }],
  ["null", null],
  ["\u{feff}{}", {}],
])("the first JSON of %j is %j", (text, value) => {
  expect(readFirstJson(new TextEncoder().encode(text))?.value).toEqual(value);
});

it.each([[""], ["{"], ["}"], ['{"a":'], ["hello {}"], ["1 2"], ["[".repeat(65) + "]".repeat(65)]])(
  "%j has none",
  (text) => {
    expect(readFirstJson(new TextEncoder().encode(text))).toBeNull();
  },
);

it("its text is what was read, so that what is kept is JSON", () => {
  const found = readFirstJson(new TextEncoder().encode('{"a": [1, 2]} tail'));
  expect(found?.text).toBe('{"a": [1, 2]}');
});

describe("tokens", () => {
  const KEY = toBase64(new Uint8Array(32).fill(1));
  const OTHER = toBase64(new Uint8Array(32).fill(2));

  it("a session's is 32 random bytes, a code 8 of 32 symbols without I, O, 0 and 1", () => {
    const codes = Array.from({ length: 2000 }, newPairingCode);
    for (const code of codes) expect(code).toMatch(CODE_PATTERN);
    const symbols = new Set(codes.join("").replaceAll("-", ""));
    expect([...symbols].toSorted().join("")).toBe("23456789ABCDEFGHJKLMNPQRSTUVWXYZ");
    expect(newSessionToken()).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Array.from({ length: 100 }, newSessionToken)).size).toBe(100);
  });

  it("a relay token is its account's and version's, and found with an older key of the ring", async () => {
    const token = await makeRelayToken(KEY, "account", 1);
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(await makeRelayToken(KEY, "account", 2)).not.toBe(token);
    expect(await makeRelayToken(KEY, "other", 1)).not.toBe(token);
    const account = {
      id: "account",
      relayTokenVersion: 1,
      relayTokenHash: await hashToken(token),
    };
    expect(await findRelayToken(`${OTHER},${KEY}`, account)).toBe(token);
    expect(await findRelayToken(OTHER, account)).toBeNull();
  });
});

it.each([
  [{ "cf-connecting-ip": "192.0.2.1" }, false, "192.0.2.1"],
  [{ "cf-connecting-ip": "192.0.2.1", "x-forwarded-for": "192.0.2.9" }, false, "192.0.2.1"],
  [{ "cf-connecting-ip": "127.0.0.1", "x-forwarded-for": "192.0.2.9, x" }, true, "192.0.2.9"],
  [{ "x-real-ip": "192.0.2.9", "true-client-ip": "192.0.2.8" }, false, "unknown"],
])("%j (local: %s) is counted as %s", (headers, isLocal, address) => {
  expect(addressOf(new Headers(headers as Record<string, string>), isLocal)).toBe(address);
});

it("of IPv6 64 bits are one caller", () => {
  const of = (ip: string) => addressOf(new Headers({ "cf-connecting-ip": ip }), false);
  expect(of("2001:db8:1:2:3::4")).toBe(of("2001:db8:1:2::9"));
  expect(of("2001:db8:1:2::1")).not.toBe(of("2001:db8:1:3::1"));
});
