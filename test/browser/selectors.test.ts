import puppeteer from "@cloudflare/puppeteer";
import { expect, it } from "vitest";
import { BAD, GOOD } from "../unit/portals/selectors.ts";
import { env } from "./login-support.ts";

it("Chromium takes what is taken for a selector, and refuses the others", async () => {
  const browser = await puppeteer.launch(env.BROWSER);
  try {
    const page = await browser.newPage();
    const read = `(all) => all.filter((one) => { try { document.querySelector(one); return true } catch { return false } })`;
    const taken = await page.evaluate(`(${read})(${JSON.stringify([...GOOD, ...BAD])})`);
    expect(taken).toEqual(GOOD);
  } finally {
    await browser.close();
  }
});
