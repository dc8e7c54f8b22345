import { readSettings } from "../context.ts";
import type { PairParts } from "./parts.ts";

/** What a pair works with in a Worker. */
export function realParts(env: BrowserEnv, now: () => number = Date.now): PairParts {
  return {
    now: () => now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    chance: () => Math.random(),
    loadPortal: missing("openPortal"),
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
    site: {
      send: missing("sendWithJar"),
      judge: missing("judge"),
      matchesOut: missing("matchesOut"),
      healthRequest: missing("healthRequest"),
      logoutRequest: missing("logoutRequest"),
      requestFault: missing("requestFault"),
      cookiesEndAt: missing("cookiesEndAt"),
    },
    masterKey: readSettings(env).masterKey,
    version: env.VERSION?.id ?? "",
  };
}

const missing = (name: string) => () => {
  throw new Error(`${name} is not there yet`);
};
