import type { HTTPRequest, HTTPResponse, Page } from "@cloudflare/puppeteer";
import { MAX_ANSWERS, STEADY_MS } from "./constants.ts";

export type Answer = { url: string; status: number; at: number; asks: boolean };
export type Trouble = "site_busy" | "site_unavailable" | null;

const ASKING_TYPES = ["document", "xhr", "fetch"];

/** What a page has asked of its site, and what the site has answered. */
export class Traffic {
  readonly #page: Page;
  readonly #isAllowed: (url: string) => boolean;
  #answers: Answer[] = [];
  #navigation: HTTPRequest | null = null;
  #asking = new Set<HTTPRequest>();
  #failed = false;
  /** Of the document that is shown. */
  #status = 0;

  constructor(page: Page, isAllowed: (url: string) => boolean) {
    this.#page = page;
    this.#isAllowed = isAllowed;
    page.on("request", (request) => this.#asked(request));
    page.on("response", (response) => this.#answered(response));
    page.on("requestfailed", (request) => this.#over(request, true));
    page.on("requestfinished", (request) => this.#over(request, false));
  }

  /** What the shown document says of the site's health; null: nothing bad. */
  get documentTrouble(): Trouble {
    return this.#failed ? "site_unavailable" : troubleOf(this.#status);
  }

  /** The same, of all that forms and scripts were answered since some time too. */
  trouble(since: number): Trouble {
    const asked = this.#answers.filter(({ at, asks }) => asks && at >= since);
    const bad = asked.findLast(({ status }) => troubleOf(status) !== null);
    return this.documentTrouble ?? troubleOf(bad?.status ?? 0);
  }

  /** True while the page becomes another one. */
  get isNavigating(): boolean {
    return this.#navigation !== null;
  }

  /** True while the site owes an answer. */
  get waits(): boolean {
    return this.isNavigating || this.#asking.size > 0;
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

  /** The next document begins anew. */
  forgetFailure(): void {
    this.#failed = false;
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
    const asks = ASKING_TYPES.includes(request.resourceType()) && this.#isAllowed(response.url());
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
    return request.isNavigationRequest() && request.frame() === this.#page.mainFrame();
  }
}

function troubleOf(status: number): Trouble {
  if (status === 429) return "site_busy";
  return status >= 500 ? "site_unavailable" : null;
}
