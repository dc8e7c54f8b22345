import type { BrowserWorker } from "@cloudflare/puppeteer";
import { BrowserMeter } from "./browser-meter.ts";
import type { IsBarred } from "./guard-requests.ts";
import { type Browsers, closeBrowser } from "./open-tab.ts";
import type { PageAnswer, PageBrowser } from "./page-browser.ts";
import { sendInPage } from "./send-in-page.ts";

/** Requests from inside pages of Browser Rendering. */
export function createPageBrowser(binding: BrowserWorker, isBarred?: IsBarred): PageBrowser {
  const browsers: Browsers = {
    binding,
    meter: new BrowserMeter(),
    ...(isBarred && { isBarred }),
  };
  /** The last request of each browser: there is one page, which shows one origin at a time. */
  const last = new Map<string, Promise<PageAnswer>>();
  return {
    async send(input) {
      const { browserId } = input;
      if (browserId === null) return sendInPage(browsers, input);
      const before = last.get(browserId) ?? Promise.resolve(null);
      const answer = before.then(() => sendInPage(browsers, input));
      last.set(browserId, answer);
      await answer;
      if (last.get(browserId) === answer) last.delete(browserId);
      return answer;
    },
    discard: (id) => closeBrowser(browsers, id),
    takeBrowserMs: () => browsers.meter.take(),
  };
}
