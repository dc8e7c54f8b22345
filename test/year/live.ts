import { chanceOf } from "./chance.ts";
import { openClient } from "./client.ts";
import { yearClock } from "./clock.ts";
import { yearBrowsers } from "./http-browser.ts";
import { insertPortal } from "./open-portal-row.ts";
import { openTime } from "./time.ts";
import { openYearSite } from "./year-site.ts";

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export type Plan = {
  seed: number;
  days: number;
  requests: number;
  perBurst: number;
  /** How long the site keeps a session; drawn anew each week. */
  lifeHours: { min: number; max: number };
  /** A year's worth of each. */
  perYear: {
    endOne: number;
    endAll: number;
    evict: number;
    crash: number;
    crashInLogin: number;
    killBrowser: number;
    outage: number;
  };
  /** Of each page that a browser loads. */
  deadliness: number;
  sms: { lost: number; late: number; doubled: number; minMs: number; maxMs: number };
};

type Happening = { at: number; run: () => Promise<unknown> };

let lived = 0;

/** Lives through a plan: the shipped objects, the site over HTTP. Gives what was seen on both sides. */
export async function live(plan: Plan) {
  const chance = chanceOf(plan.seed);
  const clock = yearClock();
  const browsers = yearBrowsers();
  Object.assign(browsers, { chance: chanceOf(plan.seed + 1), deadliness: plan.deadliness });
  const portalId = `prt_year${lived++}`;
  const start = clock.now;
  const end = start + plan.days * DAY_MS;
  const site = await openYearSite({
    // One more than the budget: what the pair counts at a login's start, the site counts at its password.
    login: { lockOverPerHour: 4, lockOverPerDay: 7 },
    session: { lifeSeconds: lifeSeconds() },
    sms: { next: Array.from({ length: plan.days * 12 }, travel) },
  });
  await site.set({ now: start });
  await insertPortal(portalId, site.url);
  const time = openTime(portalId, site, chance);
  const client = openClient(time, site.url, chance);
  let held = 0;

  function lifeSeconds(): number {
    return Math.round(chance.between(plan.lifeHours.min, plan.lifeHours.max) * 3_600);
  }

  function travel() {
    const { sms } = plan;
    const delayMs = Math.round(
      chance.hits(sms.late)
        ? chance.between(60_000, 400_000)
        : chance.between(sms.minMs, sms.maxMs),
    );
    return {
      delayMs,
      lost: chance.hits(sms.lost),
      copies: chance.hits(sms.doubled) ? 2 : 1,
      // Some come into the next login.
      copyDelayMs: chance.whole(0, 300_000),
    };
  }

  /** Requests at once; a session may end in the middle of those that can be repeated. */
  async function burst(): Promise<void> {
    const breaks = chance.hits(0.02);
    time.ask(client.ask(plan.perBurst, !breaks));
    if (breaks) await site.expire(1);
    await time.settle();
  }

  const outage = async () => {
    await site.set({ trouble: { api: "503" } });
    happenings.push({
      at: clock.now + chance.between(1, 90) * 60_000,
      run: () => site.set({ trouble: { api: null } }),
    });
    happenings.sort((a, b) => a.at - b.at);
  };

  /** Somebody looks at what is held, and the cron at everything. */
  async function tick(): Promise<void> {
    const status = await time.pair().tick();
    if (!status.hold) return;
    held += 1;
    await time.pair().resume();
  }

  const { perYear } = plan;
  const scattered = (count: number, run: () => Promise<unknown>): Happening[] =>
    Array.from({ length: Math.round(count) }, () => ({ at: chance.between(start, end), run }));
  const year = (count: number) => (count * plan.days) / 365;
  const happenings: Happening[] = [
    ...scattered(plan.requests / plan.perBurst, burst),
    ...scattered(year(perYear.endOne), () => site.expire(1)),
    ...scattered(year(perYear.endAll), () => site.expire()),
    ...scattered(year(perYear.evict), () => time.evict()),
    ...scattered(year(perYear.crash), () => time.crash()),
    ...scattered(year(perYear.crashInLogin), async () => void (time.strikes.crash += 1)),
    ...scattered(year(perYear.killBrowser), async () => void (time.strikes.kill += 1)),
    ...scattered(year(perYear.outage), outage),
    ...scattered(plan.days / 7, () => site.set({ session: { lifeSeconds: lifeSeconds() } })),
    ...Array.from({ length: plan.days * 2 }, (_, i) => ({
      at: start + i * (DAY_MS / 2),
      run: tick,
    })),
  ].toSorted((a, b) => a.at - b.at);

  await time.pair().start();
  for (let next = happenings.shift(); next; next = happenings.shift()) {
    await time.runTo(Math.round(next.at));
    await next.run();
  }
  await time.runTo(end);
  await time.finish();
  const metrics = await time.pair().metrics();
  browsers.takeMs();
  const { totalMs, deaths } = browsers;
  browsers.reset();
  return {
    metrics,
    /** How often a person had to look. */
    held,
    client: client.counts,
    reasons: client.reasons,
    site: await site.counts(),
    objects: time.counts,
    browserDeaths: deaths,
    browserSecondsPerDay: totalMs / 1000 / plan.days,
  };
}
