import { describe, expect, it } from "vitest";
import { budgetAllowsAt, budgetLeft, spend } from "../../../src/session-pairs/machine/budget.ts";
import { pauseMs } from "../../../src/session-pairs/machine/end-login.ts";
import { predictExpiry, swapAt } from "../../../src/session-pairs/machine/prediction.ts";
import { markCredentials } from "../../../src/session-pairs/mark-credentials.ts";
import { quantile } from "../../../src/session-pairs/quantile.ts";

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;
const RULES = { budget: { perHour: 3, perDay: 6 } };

describe("the budget", () => {
  it("counts the last hour and day, and says when the next login may be", () => {
    const leases = [NOW - 3 * HOUR, NOW - 50 * 60_000, NOW - 10_000, NOW - 5_000];
    expect(budgetLeft({ leases }, RULES, NOW)).toEqual({ hour: 0, day: 2 });
    expect(budgetAllowsAt({ leases }, RULES, NOW, false)).toBe(NOW + 10 * 60_000);
  });

  it("leaves one login of the day for the case that no session is left", () => {
    const leases = [1, 2, 3, 4, 5].map((n) => NOW - n * 4 * HOUR);
    expect(budgetAllowsAt({ leases }, RULES, NOW, false)).toBe(NOW);
    expect(budgetAllowsAt({ leases }, RULES, NOW, true)).toBe(NOW + 4 * HOUR);
  });

  it("forgets what no window reaches", () => {
    expect(spend({ leases: [NOW - 25 * HOUR, NOW - HOUR] }, NOW)).toEqual([NOW - HOUR, NOW]);
  });
});

describe("pauses after failures", () => {
  it.each([
    [1, 0.5, 30_000],
    [2, 0.5, 60_000],
    [3, 0, 96_000],
    [3, 1, 144_000],
    [20, 0.5, HOUR],
  ])("the %i. with chance %d: %i ms", (failures, chance, ms) => {
    expect(pauseMs(failures, chance)).toBe(ms);
  });
});

describe("the expected end of a session", () => {
  const lives = [5, 6, 7, 8, 9].map((hours) => hours * HOUR);

  it.each([
    ["nothing known", null, null, [], null],
    ["its cookie", NOW + 2 * HOUR, null, [], NOW + 2 * HOUR],
    ["the definition", NOW + 9 * HOUR, 4 * HOUR, [], NOW + 4 * HOUR],
    ["what was learned", null, null, lives, NOW + 5 * HOUR],
    ["too few lives", null, null, lives.slice(1), null],
    ["a short-lived token is not the session", NOW + 60_000, null, [], null],
  ])("%s", (_, cookiesEndAt, lifeMs, learned, expected) => {
    expect(predictExpiry(NOW, cookiesEndAt, { lifeMs }, learned)).toBe(expected);
  });

  it("roles are swapped a part of the life before it, five minutes at most", () => {
    const session = { readyAt: NOW, expiresAt: NOW + HOUR } as Parameters<typeof swapAt>[0];
    expect(swapAt(session)).toBe(NOW + HOUR - 3 * 60_000);
    expect(swapAt({ ...session, expiresAt: NOW + 8 * HOUR })).toBe(NOW + 8 * HOUR - 5 * 60_000);
  });
});

it("quantiles are of the nearest rank", () => {
  expect(quantile([], 0.5)).toBeNull();
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([3, 1, 2], 0.95)).toBe(3);
});

it("credentials are known again under any key of the ring, and tell nothing", async () => {
  const key = btoa("a".repeat(32));
  const other = btoa("b".repeat(32));
  const kim = { username: "kim", password: "canary" };
  const [mark = ""] = await markCredentials(kim, key);
  expect(await markCredentials(kim, `${other},${key}`)).toContain(mark);
  expect(await markCredentials({ ...kim, password: "x" }, key)).not.toContain(mark);
  expect(mark).toMatch(/^[0-9a-f]{32}$/);
});
