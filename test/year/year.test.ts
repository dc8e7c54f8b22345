import { expect, inject, it } from "vitest";
import { live, type Plan } from "./live.ts";

const seed = inject("yearSeed");
const days = inject("yearDays");

const YEAR: Plan = {
  seed,
  days,
  requests: Math.round((days / 365) * 2_000) * 50,
  perBurst: 50,
  lifeHours: { min: 10, max: 72 },
  perYear: {
    endOne: 100,
    endAll: 12,
    evict: 300,
    crash: 100,
    crashInLogin: 30,
    killBrowser: 30,
    outage: 20,
  },
  deadliness: 0.01,
  sms: { lost: 0.05, late: 0.05, doubled: 0.1, minMs: 2_000, maxMs: 12_000 },
};

/** Sessions end after 8 h each, and by nothing else. */
const EIGHT_HOURS: Plan = {
  seed,
  days: 10,
  requests: 1_000,
  perBurst: 20,
  lifeHours: { min: 8, max: 8 },
  perYear: {
    endOne: 0,
    endAll: 0,
    evict: 300,
    crash: 100,
    crashInLogin: 0,
    killBrowser: 0,
    outage: 20,
  },
  deadliness: 0,
  sms: { lost: 0, late: 0, doubled: 0.1, minMs: 3_000, maxMs: 7_000 },
};

/** What must hold however long the sessions live; the site's own view wherever it has one. */
function expectSafe({ client, site, metrics }: Awaited<ReturnType<typeof live>>): void {
  expect(client.failedByAuth).toBe(0);
  expect(metrics.requestsFailedByAuth).toBe(0);
  expect(metrics.claimConflicts).toBe(0);
  expect(site).toMatchObject({
    codesReused: 0,
    overlappingLogins: 0,
    lockouts: 0,
    passwordsWrong: 0,
    resendsRefused: 0,
    doubledUnkeyed: 0,
  });
}

/** One line for whoever reads the run. */
function tell(name: string, { metrics, site, objects, ...seen }: Awaited<ReturnType<typeof live>>) {
  const { logins, failovers, readyMs, smsMs } = metrics;
  const days = seen.browserSecondsPerDay.toFixed(1);
  console.log(
    `${name}, seed ${seed}: ${seen.client.requests} requests, failed by auth ${seen.client.failedByAuth}; ` +
      `logins ${JSON.stringify(logins)}, failovers ${failovers}, browser ${days} s a day; ` +
      JSON.stringify({
        readyMs,
        smsMs,
        held: seen.held,
        client: seen.client,
        reasons: seen.reasons,
        site,
        objects,
      }),
  );
}

it(`${days} days of a simulated year of requests, seed ${seed}`, async () => {
  const seen = await live(YEAR);
  tell(`${days} days`, seen);
  expectSafe(seen);
  expect(seen.client.requests).toBe(YEAR.requests);
  expect(seen.objects).toMatchObject({
    evictions: expect.any(Number),
    crashes: expect.any(Number),
  });
});

it(`ten days with sessions of 8 h, seed ${seed}: under 60 s of browser a day`, async () => {
  const seen = await live(EIGHT_HOURS);
  tell("ten days at 8 h", seen);
  expectSafe(seen);
  expect(seen.browserSecondsPerDay).toBeLessThan(60);
});
