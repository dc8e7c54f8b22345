import type { CodeMailboxes } from "../../src/code-mailboxes/index.ts";
import type { PairParts } from "../../src/session-pairs/parts.ts";
import { realParts } from "../../src/session-pairs/real-parts.ts";
import { SessionPair as ShippedPair } from "../../src/session-pairs/session-pair.do.ts";
import { PretendedBrowser } from "../browser/pretended-browser.ts";
import { PretendedSite } from "../browser/pretended-site.ts";

/*
 * The browser Worker beside the app Worker in its tests: the shipped object with a site and a browser that are pretended.
 * A user named `refused` has a wrong password. Paths of the site's that do something to the object itself:
 */
const BACKUP_PAUSE_MS = 31_000;

export { CodeMailbox } from "../../src/code-mailboxes/code-mailbox.do.ts";

export class SessionPair extends ShippedPair {
  readonly #told: Told;

  constructor(ctx: DurableObjectState, env: BrowserEnv) {
    const told: Told = { aheadMs: 0, failsToForget: false, ring: () => {} };
    super(ctx, env, partsOf(env, told));
    this.#told = told;
    told.ring = () => ctx.waitUntil(this.alarm());
  }

  override async forget(): Promise<void> {
    if (this.#told.failsToForget) {
      this.#told.failsToForget = false;
      throw new Error("the object is overloaded");
    }
    await super.forget();
  }
}

type Told = { aheadMs: number; failsToForget: boolean; ring: () => void };

function partsOf(env: BrowserEnv, told: Told): PairParts {
  const site = new PretendedSite();
  const now = () => Date.now() + told.aheadMs;
  const browser = new PretendedBrowser(site, now);
  browser.asksForCode = false;
  const send: PairParts["site"]["send"] = async (input) => {
    const { pathname } = new URL(input.request.url);
    if (pathname === "/fails") throw new Error("canary-cookie in an error");
    if (pathname === "/fails-to-forget") told.failsToForget = true;
    const got = await site.part.send(input);
    if (pathname === "/waits-for-backup") {
      told.aheadMs += BACKUP_PAUSE_MS;
      setTimeout(told.ring, 0);
    }
    if (got.kind !== "answered" || got.status !== 200) return got;
    const { request } = input;
    const shown = { path: pathname, method: request.method, headers: request.headers };
    const isBytes = pathname === "/picture";
    const text = JSON.stringify({
      ...shown,
      body: new TextDecoder().decode(request.body ?? undefined),
    });
    return {
      ...got,
      headers: [
        ["content-type", isBytes ? "image/png" : "application/json"],
        ["set-cookie", "sid=canary-cookie"],
        ["connection", "keep-alive"],
      ],
      body: isBytes
        ? new Uint8Array([0xff, 0, 1])
        : (new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>),
    };
  };
  return {
    ...realParts(env, now),
    browser: {
      ...browser.part,
      begin: (input, onPhase) => {
        if (input.credentials.username === "refused") browser.nextFailure = "wrong_password";
        return browser.part.begin(input, onPhase);
      },
    },
    site: { ...site.part, send },
    mailboxes: MAILBOXES,
  };
}

/** No code is asked for, so only the right to log in is. */
const MAILBOXES: CodeMailboxes = {
  getByName: () => ({
    enter: async () => ({ granted: true }),
    leave: async () => {},
    expect: async () => true,
    offer: async () => ({ kept: false, challengeId: null }),
    claim: async () => null,
  }),
};

export default {
  fetch: () => new Response(null, { status: 404 }),
} satisfies ExportedHandler<BrowserEnv>;
