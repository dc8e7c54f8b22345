import type { Browser, CDPSession, HTTPRequest, HTTPResponse, Page } from "@cloudflare/puppeteer";
import { isAllowedUrl } from "../portals/index.ts";
import { CALL_DEADLINE_MS, LOOK_EVERY_MS, MAX_ANSWERS, STEADY_MS } from "./constants.ts";
import { until, within } from "./deadline.ts";
import { LoginFault } from "./fault.ts";

type Answer = { url: string; status: number; at: number; asks: boolean };
type Paused = { requestId: string; frameId: string; request: { url: string } };

/** An empty document instead of what the site has. */
const EMPTY = {
  responseCode: 200,
  responseHeaders: [{ name: "content-type", value: "text/html" }],
  body: btoa("<!doctype html><title>-</title>"),
};
export type IsBarred = (url: string) => Promise<boolean>;
type Terms = {
  origins: readonly string[];
  isBarred: IsBarred;
  /** ms UTC at which the visit is over, whatever the page does. */
  end: number;
};
const ASKING_TYPES = ["document", "xhr", "fetch"];

/** The one page that a login happens in, with what is to be known about it. It never goes to an origin that is not allowed. */
export class Tab {
  readonly id: string;
  readonly browser: Browser;
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly #origins: readonly string[];
  readonly #isBarred: IsBarred;
  readonly #end: number;
  #mainFrame = "";
  #answers: Answer[] = [];
  #navigation: HTTPRequest | null = null;
  #asking = new Set<HTTPRequest>();
  #dialogs: string[] = [];
  /** While it is set, documents of this origin are empty ones, and nothing is loaded. */
  #standIn: string | null = null;
  #strayed = false;
  #crashed = false;
  #failed = false;
  /** Of the document that is shown. */
  #status = 0;

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

  /** What the shown document says of the site's health; null: nothing bad. */
  get documentTrouble(): "site_busy" | "site_unavailable" | null {
    return this.#failed ? "site_unavailable" : troubleOf(this.#status);
  }

  /** The same, of all that forms and scripts were answered since some time too. */
  trouble(since: number): "site_busy" | "site_unavailable" | null {
    const asked = this.#answers.filter(({ at, asks }) => asks && at >= since);
    const bad = asked.findLast(({ status }) => troubleOf(status) !== null);
    return this.documentTrouble ?? troubleOf(bad?.status ?? 0);
  }

  /** True while the site owes an answer. */
  get waits(): boolean {
    return this.#navigation !== null || this.#asking.size > 0;
  }

  /** True when the site has answered since some time, and the page has had a moment to show it. */
  restsSince(since: number): boolean {
    const last = this.#answers.findLast(({ asks }) => asks);
    return (
      last !== undefined && last.at >= since && !this.waits && Date.now() - last.at >= STEADY_MS
    );
  }

  /** True when the site has answered something that a form or a script asked. */
  answeredSince(since: number): boolean {
    return this.#answers.some(({ at, asks }) => asks && at >= since);
  }

  answers(since: number): Answer[] {
    return this.#answers.filter(({ at }) => at >= since);
  }

  /** What `alert` and its kin have said. */
  get dialogs(): readonly string[] {
    return this.#dialogs;
  }

  isAllowed(url: string): boolean {
    return isAllowedUrl(this.#origins, url);
  }

  /** A document that nobody may see: what it shows could stand in a picture. Names may lead elsewhere than when they were saved. */
  async isBarred(url: string): Promise<boolean> {
    return /^https?:/i.test(url) && this.#isBarred(url);
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
    if (this.#navigation) return null;
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
    this.#failed = false;
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
    if (this.documentTrouble) throw new LoginFault(this.documentTrouble);
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
    const { cdp, page } = this;
    const { frameTree } = await cdp.send("Page.getFrameTree");
    this.#mainFrame = frameTree.frame.id;
    // A service worker would answer before we are asked.
    await page.setBypassServiceWorker(true);
    cdp.on("Fetch.requestPaused", (paused) => void this.#decide(paused).catch(() => {}));
    await cdp.send("Fetch.enable", {
      patterns: [{ urlPattern: "*", resourceType: "Document", requestStage: "Request" }],
    });
    page.on("request", (request) => this.#asked(request));
    page.on("response", (response) => this.#answered(response));
    page.on("requestfailed", (request) => this.#over(request, true));
    page.on("requestfinished", (request) => this.#over(request, false));
    page.on("error", () => (this.#crashed = true));
    page.on("dialog", (dialog) => {
      this.#dialogs.push(dialog.message());
      void dialog.accept().catch(() => {});
    });
  }

  async #decide({ requestId, frameId, request }: Paused): Promise<void> {
    const { cdp } = this;
    const isMain = frameId === this.#mainFrame;
    if (isMain && !this.isAllowed(request.url)) this.#strayed = true;
    if (isMain && !this.#strayed && this.#standIn !== null) {
      await cdp.send("Fetch.fulfillRequest", { requestId, ...EMPTY });
    } else if ((isMain && this.#strayed) || (await this.isBarred(request.url))) {
      await cdp.send("Fetch.failRequest", { requestId, errorReason: "BlockedByClient" });
    } else {
      await cdp.send("Fetch.continueRequest", { requestId });
    }
  }

  #asked(request: HTTPRequest): void {
    if (this.#isNavigation(request)) {
      this.#navigation = request;
      this.#failed = false;
    } else if (request.method() !== "GET") this.#asking.add(request);
  }

  #answered(response: HTTPResponse): void {
    const request = response.request();
    const status = response.status();
    if (this.#isNavigation(request)) this.#status = status;
    const asks = ASKING_TYPES.includes(request.resourceType()) && this.isAllowed(response.url());
    this.#answers.push({ url: response.url(), status, at: Date.now(), asks });
    if (this.#answers.length > MAX_ANSWERS) this.#answers.shift();
  }

  #over(request: HTTPRequest, failed: boolean): void {
    this.#asking.delete(request);
    if (request !== this.#navigation) return;
    this.#navigation = null;
    // A navigation that another one replaced is no fault of the site's.
    this.#failed = failed && request.failure()?.errorText !== "net::ERR_ABORTED";
  }

  #isNavigation(request: HTTPRequest): boolean {
    return request.isNavigationRequest() && request.frame() === this.page.mainFrame();
  }
}

function troubleOf(status: number): "site_busy" | "site_unavailable" | null {
  if (status === 429) return "site_busy";
  return status >= 500 ? "site_unavailable" : null;
}
