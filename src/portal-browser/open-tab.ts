import puppeteer, { type Browser, type BrowserWorker, type Page } from "@cloudflare/puppeteer";
import type { BrowserMeter } from "./browser-meter.ts";
import {
  KEEP_ALIVE_MS,
  OPEN_DEADLINE_MS,
  SHORT_DEADLINE_MS,
  VIEWPORT,
  VISIT_DEADLINE_MS,
} from "./constants.ts";
import { within } from "./deadline.ts";
import { LoginFault } from "./fault.ts";
import type { IsBarred } from "./guard-requests.ts";
import { Tab } from "./tab.ts";

export type Browsers = {
  binding: BrowserWorker;
  meter: BrowserMeter;
  /** True for a URL that leads where nobody outside may send us; by name and by DNS. Left out: nothing is barred. */
  isBarred?: IsBarred;
};

/** A new browser. Throws `LoginFault` `browser_unavailable`: also when Browser Rendering has no room (429). */
export async function launchTab(browsers: Browsers, origins: readonly string[]): Promise<Tab> {
  const { binding, meter } = browsers;
  const options = { keep_alive: KEEP_ALIVE_MS };
  const acquired = puppeteer.acquire(binding, options).then(({ sessionId }) => {
    meter.opened(sessionId, Date.now());
    return sessionId;
  });
  try {
    const id = await within(OPEN_DEADLINE_MS, "browser_unavailable", acquired);
    return await enter(browsers, id, origins);
  } catch {
    // One that comes too late would live for its whole time without a use.
    void acquired.then((id) => closeBrowser(browsers, id)).catch(() => {});
    throw new LoginFault("browser_unavailable");
  }
}

/** A browser that was let go, with the page as it was. Throws `LoginFault` `browser_died` when it is not there any more. */
export async function findTab(
  browsers: Browsers,
  id: string,
  origins: readonly string[],
): Promise<Tab> {
  if (!browsers.meter.knows(id)) browsers.meter.opened(id, await startOf(browsers, id));
  try {
    return await enter(browsers, id, origins);
  } catch {
    // It may still show a form that nobody comes back to.
    await closeBrowser(browsers, id);
    throw new LoginFault("browser_died");
  }
}

/** Lets the browser go; it lives on with its page. */
export async function letGo(tab: Tab): Promise<void> {
  await within(SHORT_DEADLINE_MS, "browser_died", tab.browser.disconnect()).catch(() => {});
}

/** Ends a browser. One that is gone is no error. */
export async function endTab({ meter }: Browsers, tab: Tab): Promise<void> {
  await end(tab.browser);
  meter.closed(tab.id);
}

export async function closeBrowser({ binding, meter }: Browsers, id: string): Promise<void> {
  try {
    const connecting = puppeteer.connect(binding, id);
    await end(await within(SHORT_DEADLINE_MS, "browser_died", connecting));
  } catch {
    // It is gone.
  }
  meter.closed(id);
}

async function end(browser: Browser): Promise<void> {
  if (!browser.connected) return;
  await within(SHORT_DEADLINE_MS, "browser_died", browser.close()).catch(() => {});
}

async function enter(browsers: Browsers, id: string, origins: readonly string[]): Promise<Tab> {
  const connecting = puppeteer.connect(browsers.binding, id);
  try {
    const browser = await within(OPEN_DEADLINE_MS, "browser_died", connecting);
    const { isBarred = async () => false } = browsers;
    const terms = { origins, isBarred, end: Date.now() + VISIT_DEADLINE_MS };
    const watching = (async () => {
      const page = await choosePage(browser, origins);
      await page.setViewport(VIEWPORT);
      return Tab.watch(id, browser, page, terms);
    })();
    return await within(OPEN_DEADLINE_MS, "browser_died", watching);
  } catch (error) {
    // Whoever holds the connection ends it: a browser takes one at a time.
    await within(SHORT_DEADLINE_MS, "browser_died", connecting.then(end)).catch(() => {});
    throw error;
  }
}

/** The page that shows the site; a site may have opened others. */
async function choosePage(browser: Browser, origins: readonly string[]): Promise<Page> {
  const pages = await browser.pages();
  const shown = pages.find((page) => origins.includes(URL.parse(page.url())?.origin ?? ""));
  return (
    shown ?? pages.find((page) => page.url() !== "about:blank") ?? pages[0] ?? browser.newPage()
  );
}

/** When a browser was started that this Worker does not know, ms UTC. */
async function startOf({ binding }: Browsers, id: string): Promise<number> {
  try {
    const listing = puppeteer.sessions(binding);
    const sessions = await within(SHORT_DEADLINE_MS, "browser_died", listing);
    return sessions.find(({ sessionId }) => sessionId === id)?.startTime ?? Date.now();
  } catch {
    return Date.now();
  }
}
