import type { Browser, CDPSession, Page } from "@cloudflare/puppeteer";
import { isAllowedUrl } from "../portals/index.ts";
import { CALL_DEADLINE_MS, LOOK_EVERY_MS } from "./constants.ts";
import { until, within } from "./deadline.ts";
import { LoginFault } from "./fault.ts";
import { guardRequests, type IsBarred, isBarred } from "./guard-requests.ts";
import { KEEP_SOCKETS } from "./page-scripts.ts";
import { Traffic } from "./traffic.ts";

type Terms = {
  origins: readonly string[];
  isBarred: IsBarred;
  /** ms UTC at which the visit is over, whatever the page does. */
  end: number;
};
/** The one page that a login happens in, with what is to be known about it. It never goes to an origin that is not allowed. */
export class Tab {
  readonly id: string;
  readonly browser: Browser;
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly traffic: Traffic;
  readonly #origins: readonly string[];
  readonly #isBarred: IsBarred;
  readonly #end: number;
  #dialogs: string[] = [];
  /** While it is set, documents of this origin are empty ones, and nothing is loaded. */
  #standIn: string | null = null;
  #strayed = false;
  #crashed = false;

  private constructor(
    id: string,
    browser: Browser,
    page: Page,
    cdp: CDPSession,
    { origins, isBarred, end }: Terms,
  ) {
    this.id = id;
    this.browser = browser;
    this.page = page;
    this.cdp = cdp;
    this.#origins = origins;
    this.#isBarred = isBarred;
    this.#end = end;
    this.traffic = new Traffic(page, (url) => this.isAllowed(url));
  }

  static async watch(id: string, browser: Browser, page: Page, terms: Terms): Promise<Tab> {
    const cdp = await page.createCDPSession();
    const tab = new Tab(id, browser, page, cdp, terms);
    await tab.#listen();
    return tab;
  }

  /** Throws what has happened to the page that ends a login. */
  check(): void {
    if (this.#strayed) throw new LoginFault("origin_left");
    if (this.#crashed || !this.browser.connected) throw new LoginFault("browser_died");
    if (Date.now() >= this.#end) throw new LoginFault("page_hung");
  }

  /** What `alert` and its kin have said. */
  get dialogs(): readonly string[] {
    return this.#dialogs;
  }

  isAllowed(url: string): boolean {
    return isAllowedUrl(this.#origins, url);
  }

  async isBarred(url: string): Promise<boolean> {
    return isBarred({ isBarred: this.#isBarred }, url);
  }

  /** The shown document's origin is one that may see credentials. */
  assertAllowed(): void {
    if (!this.isAllowed(this.page.url())) throw new LoginFault("origin_left");
  }

  /**
   * Calls a function that is text (page-scripts.ts) inside the page. Null when the page does not answer now, or is just
   * becoming another one: Chrome holds calls back meanwhile. Throws `LoginFault` when the browser is gone.
   */
  async call<T>(source: string, ...args: unknown[]): Promise<T | null> {
    this.check();
    if (this.traffic.isNavigating) return null;
    const text = `(${source})(${args.map((arg) => JSON.stringify(arg)).join(",")})`;
    try {
      return await within(CALL_DEADLINE_MS, "page_hung", this.page.evaluate(text) as Promise<T>);
    } catch {
      this.check();
      return null;
    }
  }

  /** Asks the page until the answer is neither null nor false; null when `ms` are over. */
  async ask<T>(ms: number, source: string, ...args: unknown[]): Promise<T | null> {
    return until(Math.min(ms, this.left), async () => {
      const answer = await this.call<T>(source, ...args);
      return answer === false ? null : answer;
    });
  }

  /** Milliseconds until the visit is over. */
  get left(): number {
    return Math.max(LOOK_EVERY_MS, this.#end - Date.now());
  }

  async goto(url: string, ms: number): Promise<void> {
    this.check();
    this.traffic.forgetFailure();
    if (!this.isAllowed(url)) throw new LoginFault("origin_left");
    try {
      await this.page.goto(url, {
        waitUntil: "domcontentloaded",
        timeout: Math.min(ms, this.left),
      });
    } catch (error) {
      this.check();
      const late = error instanceof Error && error.name === "TimeoutError";
      throw new LoginFault(late ? "page_hung" : "site_unavailable");
    }
    this.check();
    const trouble = this.traffic.documentTrouble;
    if (trouble) throw new LoginFault(trouble);
  }

  /** Shows an empty document of an origin: its storage can be reached, and nothing was asked of the site. */
  async standIn(origin: string): Promise<void> {
    this.#standIn = origin;
    try {
      await this.goto(`${origin}/`, this.left);
    } finally {
      this.#standIn = null;
    }
  }

  async #listen(): Promise<void> {
    const { cdp, page, browser } = this;
    const { frameTree } = await cdp.send("Page.getFrameTree");
    // A service worker would answer before we are asked.
    await page.setBypassServiceWorker(true);
    const sockets = this.#origins.map((origin) => origin.replace(/^http/, "ws"));
    await page.evaluateOnNewDocument(`(${KEEP_SOCKETS})(${JSON.stringify(sockets)})`);
    await guardRequests(browser, {
      isBarred: this.#isBarred,
      mainFrame: frameTree.frame.id,
      ofPage: (url) => {
        if (!this.isAllowed(url)) this.#strayed = true;
        if (this.#strayed) return "stop";
        return this.#standIn === null ? "load" : "stand_in";
      },
    });
    page.on("error", () => (this.#crashed = true));
    page.on("dialog", (dialog) => {
      this.#dialogs.push(dialog.message());
      void dialog.accept().catch(() => {});
    });
  }
}
