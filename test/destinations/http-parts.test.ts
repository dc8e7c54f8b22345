import { describe, expect, it } from "vitest";
import { httpOutcome } from "../../src/destinations/http-outcome.ts";
import { targetUrl } from "../../src/destinations/http-request.ts";
import { retryAfterMs } from "../../src/destinations/retry-after.ts";
import { HTTP_SCHEDULE, MESSAGING_SCHEDULE } from "../../src/destinations/schedules.ts";

const NOW = Date.UTC(2026, 10, 21, 9, 0, 0);
const DAY_MS = 86_400_000;

describe("the URL of a try", () => {
  it.each([
    ["https://x.org", false, "/a", "", "https://x.org/"],
    ["https://x.org/hook", false, "/a/b", "", "https://x.org/hook"],
    ["https://x.org/hook", true, "/a/b", "", "https://x.org/hook/a/b"],
    ["https://x.org/hook/", true, "/a/b/", "", "https://x.org/hook/a/b/"],
    ["https://x.org", true, "/a", "", "https://x.org/a"],
    ["https://x.org/hook", true, "/", "", "https://x.org/hook/"],
    ["https://x.org/hook", true, "//evil.org/a", "", "https://x.org/hook/evil.org/a"],
    ["https://x.org/hook?a=1", false, "/", "b=2&b=3", "https://x.org/hook?a=1&b=2&b=3"],
    ["https://x.org/hook?a=1", true, "/p", "", "https://x.org/hook/p?a=1"],
    ["https://x.org/hook", false, "/", "%20a=+b&&c", "https://x.org/hook?%20a=+b&&c"],
    ["https://x.org/hook?#f", false, "/", "", "https://x.org/hook"],
  ])("%s, append %s, %s?%s", (url, appendPath, path, query, expected) => {
    expect(targetUrl({ url, appendPath }, { path, query })).toBe(expected);
  });
});

describe("what an answer means", () => {
  it.each([200, 201, 204, 299])("%d is success", (status) => {
    expect(httpOutcome(status, null, NOW)).toEqual({ ok: true });
  });

  it.each([
    [301, "redirect"],
    [304, "redirect"],
    [400, "http_status"],
    [404, "http_status"],
    [429, "rate_limited"],
    [500, "http_status"],
    [503, "http_status"],
  ])("%d is tried again: %s", (status, reason) => {
    expect(httpOutcome(status, null, NOW)).toEqual({ ok: false, retry: true, reason });
  });

  it("410 ends it and disables the destination", () => {
    const expected = { ok: false, retry: false, reason: "gone", effect: "disable" };
    expect(httpOutcome(410, "5", NOW)).toEqual(expected);
  });

  it("obeys Retry-After for any failure", () => {
    expect(httpOutcome(503, "7", NOW)).toMatchObject({ retryAfterMs: 7000 });
  });
});

it.each([
  ["120", 120_000],
  [" 0 ", 0],
  ["1.5", 1500],
  ["999999999", DAY_MS],
  ["Sat, 21 Nov 2026 09:00:30 GMT", 30_000],
  ["Saturday, 21-Nov-26 09:01:00 GMT", 60_000],
  ["Sat, 21 Nov 2026 08:00:00 GMT", undefined],
  ["Mon, 21 Nov 2044 08:00:00 GMT", DAY_MS],
  ["-5", undefined],
  ["soon", undefined],
  ["5 apples", undefined],
  ["", undefined],
  [null, undefined],
])("reads Retry-After %j", (value, expected) => {
  expect(retryAfterMs(value, NOW)).toBe(expected);
});

it("has the schedules of the contract", () => {
  expect(HTTP_SCHEDULE).toEqual([0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]);
  expect(MESSAGING_SCHEDULE.slice(0, 13)).toEqual([
    0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600,
  ]);
  const total = MESSAGING_SCHEDULE.reduce((sum, wait) => sum + wait, 0);
  expect(total).toBeLessThanOrEqual(86_400);
  expect(total).toBeGreaterThan(86_400 - 600);
});
