import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { write } from "./answer.ts";
import { answerControl } from "./control.ts";
import { handleRequest } from "./handle-request.ts";
import { forward, sendStray, takeDue } from "./send-sms.ts";
import { endSessions } from "./sessions.ts";
import { type SettingsPatch, withPatch } from "./settings.ts";
import { openSite, type PhoneSms, type Site, type SiteOptions } from "./site.ts";

export { ACCOUNT, COOKIES, PARTNERS, SMS_SENDER } from "./constants.ts";
export type { Settings, SettingsPatch, Travel } from "./settings.ts";
export type { Counts, Happening, PhoneSms, SiteOptions } from "./site.ts";

/** A setTimeout counts no further. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export type PortalControl = ReturnType<typeof openControl>;
export type PortalSite = Awaited<ReturnType<typeof startPortalSite>>;

/**
 * A delivery-partner centre on this machine: login form, code by SMS, partner list, logout; and whatever such a site
 * refuses. Nothing of it is kept. `port` 0 (the default) takes any.
 */
export async function startPortalSite(options: SiteOptions = {}) {
  const site = openSite(options);
  const phone = startPhone(site);
  const control = openControl(site, phone.wake, phone.settled);
  const server = createServer((request, response) => {
    const isControl = (request.url ?? "").startsWith("/__control");
    const answered = isControl
      ? answerControl(control, request).then((answer) => write(response, answer))
      : handleRequest(site, request, response).then(phone.wake);
    // Whoever asked went away in the middle of its body.
    answered.catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...control,
    async close(): Promise<void> {
      phone.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The phone that the codes go to: hands each SMS to Baton when its time has come. */
function startPhone(site: Site) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const sending = new Set<Promise<void>>();

  function wake(): void {
    clearTimeout(timer);
    for (const sms of takeDue(site)) {
      const sent = forward(site, sms).finally(() => sending.delete(sent));
      sending.add(sent);
    }
    const next = nextDue(site);
    // A stopped clock is set on by somebody, who wakes the phone too.
    if (next === null || stopped || site.stoppedAt !== null) return;
    timer = setTimeout(wake, Math.min(Math.max(next - site.now(), 0), MAX_TIMER_MS));
  }
  return {
    wake,
    settled: async (): Promise<void> => {
      await Promise.all(sending);
    },
    stop: (): void => {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function nextDue(site: Site): number | null {
  const times = site.underway.map(({ dueAt }) => dueAt);
  return times.length === 0 ? null : Math.min(...times);
}

/** What tests do to a site, and see of it. */
function openControl(site: Site, wake: () => void, settled: () => Promise<void>) {
  return {
    counts: site.counts,
    record: site.record,
    /** Every code that was ever sent. */
    codes: site.codes,

    /** Sets a part of the settings. Throws for what they do not know. */
    set(patch: SettingsPatch): void {
      site.settings = withPatch(site.settings, patch);
      wake();
    },
    /** Stops the clock there (ms UTC), or lets it run (null); SMS that are due by then have been handed over. */
    async setNow(now: number | null): Promise<void> {
      site.stoppedAt = now;
      wake();
      await settled();
    },
    /** Ends an account's sessions, or everybody's; the oldest `count` of them. Gives how many. */
    expire(username?: string, count?: number): number {
      const ended = endSessions(site, username ?? null, count);
      site.note("ended", { username, of: String(ended) });
      return ended;
    },
    unlock(): void {
      for (const account of site.accounts.values()) {
        account.locked = false;
        account.wrongPasswords = 0;
        account.entries = [];
      }
    },
    /** A phone gets an SMS with this code that nobody asked for. */
    sendSms(code: string, phone?: string, delayMs = 0): void {
      const [first] = site.accounts.values();
      sendStray(site, phone ?? first?.phone ?? "", code, delayMs);
      wake();
    },
    /** What has arrived, for whoever is Baton here; each SMS once. */
    takeArrived(): PhoneSms[] {
      return site.arrived.splice(0);
    },
    /** When the next SMS arrives (ms UTC), or null. */
    nextSmsAt: (): number | null => nextDue(site),
    /** Username and whether it is locked, live sessions, settings, counts, and what happened. */
    look: () => ({
      now: site.now(),
      settings: site.settings,
      counts: site.counts,
      accounts: [...site.accounts.values()].map(({ username, phone, locked }) => ({
        username,
        phone,
        locked,
        sessions: new Set(
          [...site.sessions.values()].filter(({ account }) => account.username === username),
        ).size,
      })),
      record: site.record,
    }),
    forgetRecord(): void {
      site.record.length = 0;
      for (const name of Object.keys(site.counts) as (keyof typeof site.counts)[]) {
        site.counts[name] = 0;
      }
    },
  };
}
