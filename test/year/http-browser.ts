import type {
  LoginBrowser,
  LoginInput,
  LoginOutcome,
} from "../../src/portal-browser/login-browser.ts";
import type { Snapshot, StoredCookie } from "../../src/session-pairs/index.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { yearClock } from "./clock.ts";

/** What a real browser took for it here: a launch, and a page with its form filled in. */
const LAUNCH_MS = 900;
const PAGE_MS = 700;
/** A browser that nobody is connected to ends after it. */
const KEEP_ALIVE_MS = 600_000;

const KEY = Symbol.for("baton.test.year.browsers");

type Tab = {
  id: string;
  cookies: Map<string, string>;
  path: string;
  text: string;
  billedTo: number;
  usedAt: number;
};

/** The browsers of the year: they are outside of the objects, and outlive them. */
class Browsers {
  readonly tabs = new Map<string, Tab>();
  chance: Chance = chanceOf(1);
  /** How probable it is that a browser dies while it loads a page. */
  deadliness = 0;
  deaths = 0;
  /** Pages, of all of them. */
  loads = 0;
  /** For how long browsers were open, waits for an SMS too: that is what is billed. */
  totalMs = 0;
  #billedMs = 0;

  open(): Tab {
    const { now } = yearClock();
    const id = crypto.randomUUID();
    const tab = { id, cookies: new Map(), path: "", text: "", billedTo: now, usedAt: now };
    this.tabs.set(id, tab);
    return tab;
  }

  /** Null: it has died, or nobody used it for too long. */
  find(id: string): Tab | null {
    const tab = this.tabs.get(id);
    if (!tab) return null;
    const { now } = yearClock();
    if (now <= tab.usedAt + KEEP_ALIVE_MS) return tab;
    this.close(id, tab.usedAt + KEEP_ALIVE_MS);
    return null;
  }

  close(id: string, at = yearClock().now): void {
    const tab = this.tabs.get(id);
    if (!tab) return;
    this.#bill(tab, at);
    this.tabs.delete(id);
  }

  kill(): void {
    for (const id of this.tabs.keys()) {
      this.deaths += 1;
      this.close(id);
    }
  }

  /** Open browsers count as they go. */
  takeMs(): number {
    const { now } = yearClock();
    for (const tab of this.tabs.values()) {
      // One that nobody came back to has ended by itself.
      if (this.find(tab.id)) this.#bill(tab, now);
    }
    const ms = this.#billedMs;
    this.#billedMs = 0;
    return ms;
  }

  reset(): void {
    this.tabs.clear();
    this.totalMs = 0;
    this.#billedMs = 0;
    this.deaths = 0;
  }

  #bill(tab: Tab, at: number): void {
    const ms = Math.max(0, at - tab.billedTo);
    this.#billedMs += ms;
    this.totalMs += ms;
    tab.billedTo = at;
  }
}

export function yearBrowsers(): Browsers {
  const holder = globalThis as unknown as Record<symbol, Browsers | undefined>;
  holder[KEY] ??= new Browsers();
  return holder[KEY];
}

class BrowserDied extends Error {}

/** Logs in to the simulated portal over HTTP, in the steps in which a browser does; pages take their time. */
export function createHttpBrowser(): LoginBrowser {
  const browsers = yearBrowsers();
  const clock = yearClock();

  /** A page, whatever leads to it; a browser may die on the way. */
  async function load(tab: Tab, base: string, path: string, form?: Record<string, string>) {
    await clock.load(PAGE_MS);
    if (browsers.chance.hits(browsers.deadliness)) {
      browsers.deaths += 1;
      browsers.close(tab.id);
    }
    if (!browsers.tabs.has(tab.id)) throw new BrowserDied();
    tab.usedAt = clock.now;
    browsers.loads += 1;
    const csrf = tab.text.match(/name="_csrf" value="([^"]+)"/)?.[1] ?? "";
    let init: RequestInit = form
      ? { method: "POST", body: new URLSearchParams({ _csrf: csrf, ...form }) }
      : {};
    for (let next = path; ; init = {}) {
      const cookie = [...tab.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
      const answer = await fetch(base + next, { ...init, headers: { cookie }, redirect: "manual" });
      for (const line of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = line.match(/^([^=]+)=([^;]*)/) ?? [];
        tab.cookies.set(name, value);
      }
      tab.text = await answer.text();
      tab.path = next;
      const location = answer.headers.get("location");
      if (location === null) return answer.status;
      next = location;
    }
  }

  function outcomeOf(tab: Tab, input: LoginInput, status: number): LoginOutcome {
    const { text } = tab;
    const steps = [{ step: tab.path, ms: PAGE_MS, ok: true }];
    if (text.includes('id="partner-list"')) {
      const snapshot = snapshotOf(tab, input);
      browsers.close(tab.id);
      return { kind: "in", snapshot, steps };
    }
    if (text.includes('id="code-form"') && status === 200) {
      return { kind: "code_asked", browserId: tab.id, steps };
    }
    const reason = text.includes('id="locked"')
      ? "account_locked"
      : text.includes('id="busy"')
        ? "site_unavailable"
        : text.includes("비밀번호가 올바르지")
          ? "wrong_password"
          : text.includes('id="code-refused"')
            ? "code_rejected"
            : "not_logged_in";
    browsers.close(tab.id);
    return { kind: "failed", reason, url: tab.path, screenshot: null, steps };
  }

  const died = (): LoginOutcome => ({
    kind: "failed",
    reason: "browser_died",
    url: "",
    screenshot: null,
    steps: [],
  });

  /** What happens in an open browser; one that is gone is an outcome. */
  async function inTab(id: string, act: (tab: Tab) => Promise<LoginOutcome>) {
    const tab = browsers.find(id);
    try {
      return tab ? await act(tab) : died();
    } catch (error) {
      if (error instanceof BrowserDied) return died();
      browsers.close(id);
      throw error;
    }
  }

  return {
    async begin(input, onPhase) {
      const tab = browsers.open();
      const [base = ""] = input.definition.origins;
      for (const { name, value } of input.device?.cookies ?? []) {
        if (input.definition.session.deviceCookies.includes(name)) tab.cookies.set(name, value);
      }
      return inTab(tab.id, async () => {
        await clock.load(LAUNCH_MS);
        await onPhase("opened", tab.id);
        const status = await load(tab, base, "/login");
        if (!tab.text.includes('id="login-form"')) return outcomeOf(tab, input, status);
        await onPhase("credentials", tab.id);
        const { username, password } = input.credentials;
        return outcomeOf(tab, input, await load(tab, base, "/login", { username, password }));
      });
    },
    submitCode: (input, browserId, code, onPhase) =>
      inTab(browserId, async (tab) => {
        const [base = ""] = input.definition.origins;
        await onPhase("code", browserId);
        const status = await load(tab, base, "/login/code", { code });
        if (tab.text.includes('id="code-form"')) {
          return { kind: "code_rejected", browserId, steps: [] };
        }
        await onPhase("verifying", browserId);
        return outcomeOf(tab, input, status);
      }),
    resend: (input, browserId) =>
      inTab(browserId, async (tab) => {
        const [base = ""] = input.definition.origins;
        return outcomeOf(tab, input, await load(tab, base, "/login/code/resend", {}));
      }),
    look: (input, browserId) =>
      inTab(browserId, async (tab) => {
        const [base = ""] = input.definition.origins;
        return outcomeOf(tab, input, await load(tab, base, "/login/code"));
      }),
    async discard(browserId) {
      browsers.close(browserId);
    },
    takeBrowserMs: () => browsers.takeMs(),
  };
}

function snapshotOf(tab: Tab, { definition }: LoginInput): Snapshot {
  const [base = ""] = definition.origins;
  const { now } = yearClock();
  const cookies: StoredCookie[] = [...tab.cookies].map(([name, value]) => ({
    name,
    value,
    domain: new URL(base).hostname,
    path: "/",
    expires: null,
    httpOnly: name !== "center_id",
    secure: false,
    sameSite: "Lax",
  }));
  return {
    cookies,
    storage: [],
    userAgent: "Mozilla/5.0 (year)",
    viewport: { width: 1280, height: 800 },
    values: { centerId: tab.cookies.get("center_id") ?? "" },
    takenAt: now,
  };
}
