import { resolve } from "node:path";
import { prepareChromium } from "../../src/local/prepare-chromium.ts";

/** Gives the browser binding of tests in workerd the browser that npm brings. */
export default async function setup() {
  const cache = resolve(".baton/cache");
  process.env.XDG_CACHE_HOME = cache;
  const chromium = await prepareChromium(cache, { BATON_CHROMIUM: "npm" });
  if (!chromium.found) throw new Error("the Chromium of @sparticuz/chromium does not start here");
}
