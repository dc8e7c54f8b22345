import { chromium } from "playwright-core";
import { unpackChromium } from "../../src/local/unpack-chromium.ts";

/** A real Chromium that comes with npm alone, driven from Node. */
export async function launchBrowser() {
  const { path, env } = await unpackChromium();
  return chromium.launch({
    executablePath: path,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    env,
  });
}
