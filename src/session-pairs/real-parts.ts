import { readSettings } from "../context.ts";
import { mayNotBeCalled } from "../destinations/index.ts";
import { createLoginBrowser, createPageBrowser } from "../portal-browser/index.ts";
import { openPortal } from "../portals/index.ts";
import type { PairParts } from "./parts.ts";
import { siteOver } from "./site-over.ts";

/** What a pair works with in a Worker. */
export function realParts(env: BrowserEnv, now: () => number = Date.now): PairParts {
  const settings = readSettings(env);
  // A frame of a site may be without TLS; the origins themselves were saved with it.
  const isBarred = (url: string) => mayNotBeCalled({ url, allowHttp: true }, settings);
  return {
    now: () => now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    chance: () => Math.random(),
    loadPortal: (portalId) => openPortal(env, portalId),
    browser: createLoginBrowser(env.BROWSER, isBarred),
    page: createPageBrowser(env.BROWSER, isBarred),
    mailboxes: env.CODE_MAILBOX as unknown as PairParts["mailboxes"],
    site: siteOver(settings, now),
    masterKey: settings.masterKey,
    version: env.VERSION?.id ?? "",
  };
}
