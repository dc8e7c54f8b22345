import { readSettings } from "../context.ts";
import { openPortal } from "../portals/index.ts";
import type { PairParts } from "./parts.ts";
import { siteOver } from "./site-over.ts";

/** What a pair works with in a Worker. */
export function realParts(env: BrowserEnv, now: () => number = Date.now): PairParts {
  const settings = readSettings(env);
  return {
    now: () => now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    chance: () => Math.random(),
    loadPortal: (portalId) => openPortal(env, portalId),
    browser: {
      begin: missing("LoginBrowser"),
      submitCode: missing("LoginBrowser"),
      resend: missing("LoginBrowser"),
      look: missing("LoginBrowser"),
      discard: missing("LoginBrowser"),
      takeBrowserMs: () => 0,
    },
    page: { send: missing("PageBrowser"), discard: missing("PageBrowser") },
    mailboxes: env.CODE_MAILBOX as unknown as PairParts["mailboxes"],
    site: siteOver(settings, now),
    masterKey: settings.masterKey,
    version: env.VERSION?.id ?? "",
  };
}

const missing = (name: string) => () => {
  throw new Error(`${name} is not there yet`);
};
