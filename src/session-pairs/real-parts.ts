import { readSettings } from "../context.ts";
import { createLoginBrowser, createPageBrowser } from "../portal-browser/index.ts";
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
    browser: createLoginBrowser(env.BROWSER),
    page: createPageBrowser(env.BROWSER),
    mailboxes: env.CODE_MAILBOX as unknown as PairParts["mailboxes"],
    site: siteOver(settings, now),
    masterKey: settings.masterKey,
    version: env.VERSION?.id ?? "",
  };
}
