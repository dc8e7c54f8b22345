import type { BrowserWorker } from "@cloudflare/puppeteer";
import { beginLogin } from "./begin-login.ts";
import { BrowserMeter } from "./browser-meter.ts";
import type { IsBarred } from "./guard-requests.ts";
import type { LoginBrowser } from "./login-browser.ts";
import { lookAtLogin } from "./look-at-login.ts";
import { type Browsers, closeBrowser } from "./open-tab.ts";
import { resendCode } from "./resend-code.ts";
import { submitCode } from "./submit-code.ts";

/** Logins by real browsers of Browser Rendering. */
export function createLoginBrowser(binding: BrowserWorker, isBarred?: IsBarred): LoginBrowser {
  const browsers: Browsers = {
    binding,
    meter: new BrowserMeter(),
    ...(isBarred && { isBarred }),
  };
  return {
    begin: (input, onPhase) => beginLogin(browsers, input, onPhase),
    submitCode: (input, id, code, onPhase) => submitCode(browsers, input, id, code, onPhase),
    resend: (input, id) => resendCode(browsers, input, id),
    look: (input, id) => lookAtLogin(browsers, input, id),
    discard: (id) => closeBrowser(browsers, id),
    takeBrowserMs: () => browsers.meter.take(),
  };
}
