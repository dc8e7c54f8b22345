import { resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { prepareChromium } from "../../src/local/prepare-chromium.ts";
import { startLoginPages } from "./login-pages.ts";

/** Gives the browser binding of tests in workerd the browser that npm brings, and pages to log in to. */
export default async function setup(project: TestProject) {
  const cache = resolve(".baton/cache");
  process.env.XDG_CACHE_HOME = cache;
  const chromium = await prepareChromium(cache, { BATON_CHROMIUM: "npm" });
  if (!chromium.found) throw new Error("the Chromium of @sparticuz/chromium does not start here");
  const pages = await startLoginPages();
  project.provide("loginPages", { origin: pages.origin, other: pages.other });
  return () => pages.close();
}
