import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { mailboxName } from "../../src/code-mailboxes/index.ts";
import type { Chance } from "./chance.ts";
import { yearClock } from "./clock.ts";
import { yearBrowsers } from "./http-browser.ts";
import { ORGANIZATION, PHONE } from "./open-portal-row.ts";
import type { CodeMailbox, SessionPair } from "./worker.ts";
import type { YearSite } from "./year-site.ts";

type Objects = {
  SESSION_PAIR: DurableObjectNamespace<SessionPair>;
  CODE_MAILBOX: DurableObjectNamespace<CodeMailbox>;
};
const objects = env as unknown as Objects;

/** Steps at one moment before it counts as a loop. */
const MAX_STEPS = 500;

/**
 * Moves the year on: from one moment at which something is due to the next, an alarm, an SMS, a page or somebody's
 * wait. At each moment everything that is under way comes to its end, or to where it waits for the clock.
 */
export function openTime(portalId: string, site: YearSite, chance: Chance) {
  const clock = yearClock();
  const browsers = yearBrowsers();
  const mailboxId = mailboxName(ORGANIZATION, PHONE);
  // One stub: each keeps its object in memory. A crash breaks it.
  let stub = objects.SESSION_PAIR.getByName(portalId);
  const pair = () => stub;
  const mailbox = () => objects.CODE_MAILBOX.getByName(mailboxId);
  /** Requests, and what a pair does by itself. */
  const requests = new Set<Promise<void>>();
  const works = new Set<Promise<void>>();
  let nextSmsAt: number | null = null;
  let seenLoads = 0;
  let sms = 0;
  const strikes = { crash: 0, kill: 0 };
  const counts = { moments: 0, crashes: 0, crashesInLogin: 0, evictions: 0 };

  /** Goes on beside the year; what it throws is for whoever made it. */
  function track(tasks: Set<Promise<void>>, work: Promise<unknown>): void {
    const task = work
      .then(
        () => {},
        () => {},
      )
      .finally(() => tasks.delete(task));
    tasks.add(task);
  }

  /** Until whoever is under way waits for the clock. */
  async function settle(): Promise<void> {
    for (;;) {
      const isWaiting =
        clock.next > clock.now &&
        clock.under <= clock.waits &&
        (works.size === 0 || clock.pages > 0);
      if (isWaiting) return;
      await Promise.race([scheduler.wait(1), ...works]);
    }
  }

  /** A login that a request has begun runs unseen; it too is over or loads a page afterwards. */
  async function settleAll(): Promise<void> {
    await settle();
    if (clock.under === 0) return;
    track(works, pair().poke());
    await settle();
  }

  async function moveTo(at: number): Promise<void> {
    clock.now = at;
    const set = await site.set({ now: at });
    nextSmsAt = set.nextSmsAt;
    for (const { code, text, sender } of set.arrived) {
      const shape = chance.hits(0.5) ? { text: code, sender: null } : { text, sender };
      await mailbox().offer({ eventId: `evt_${sms++}`, receivedAt: at, ...shape });
    }
  }

  async function look(): Promise<number> {
    if (browsers.loads !== seenLoads) {
      seenLoads = browsers.loads;
      nextSmsAt = (await site.set({})).nextSmsAt;
    }
    const times = [clock.alarms.get(portalId), clock.alarms.get(mailboxId), nextSmsAt];
    return Math.min(...times.map((at) => at ?? Infinity), clock.next);
  }

  /** Everything in memory is gone at once, in the middle of whatever it did. */
  async function crash(): Promise<void> {
    counts.crashes += 1;
    if (browsers.tabs.size > 0) counts.crashesInLogin += 1;
    await abortAllDurableObjects();
    stub = objects.SESSION_PAIR.getByName(portalId);
    clock.forget();
    await Promise.all([...requests, ...works]);
    clock.alarms.set(portalId, await pair().alarmAt());
  }

  async function strike(): Promise<void> {
    if (browsers.tabs.size === 0) return;
    if (strikes.kill > 0 && chance.hits(0.3)) {
      strikes.kill -= 1;
      browsers.kill();
    }
    if (strikes.crash > 0 && chance.hits(0.3)) {
      strikes.crash -= 1;
      await crash();
      track(works, pair().tick());
      await settle();
    }
  }

  /** True once for each alarm. */
  function isDue(name: string): boolean {
    const alarm = clock.alarms.get(name) ?? null;
    if (alarm === null || alarm > clock.now) return false;
    clock.alarms.set(name, null);
    return true;
  }

  async function runTo(until: number): Promise<void> {
    for (let steps = 0; ; ) {
      await settleAll();
      await strike();
      const next = await look();
      if (next > until) break;
      steps = next > clock.now ? 0 : steps + 1;
      if (steps > MAX_STEPS) throw new Error(`nothing moves on at ${clock.now}`);
      counts.moments += 1;
      await moveTo(Math.max(next, clock.now));
      if (isDue(mailboxId)) track(works, runDurableObjectAlarm(mailbox()));
      if (isDue(portalId)) track(works, runDurableObjectAlarm(pair()));
    }
    if (until > clock.now) await moveTo(until);
  }

  return {
    clock,
    pair,
    counts,
    strikes,
    ask: (request: Promise<void>) => track(requests, request),
    runTo,
    settle,
    crash,
    /** Memory is given back, as to an object that nobody calls. */
    async evict(): Promise<void> {
      await settleAll();
      // It would wait for them, and they for the clock.
      if (requests.size + works.size + clock.pages + clock.waits > 0) return;
      counts.evictions += 1;
      // A crash may have left none that could be evicted.
      await pair().alarmAt();
      await evictDurableObject(pair());
    },
    /** Until nobody is under way any more. */
    async finish(): Promise<void> {
      for (let days = 0; requests.size > 0; days++) {
        if (days > 30) throw new Error(`${requests.size} are under way for ever`);
        await runTo(clock.now + 86_400_000);
        await settle();
      }
    },
  };
}

export type Time = ReturnType<typeof openTime>;
