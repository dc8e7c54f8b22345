import { runInDurableObject } from "cloudflare:test";
import { env as anyEnv } from "cloudflare:workers";
import puppeteer from "@cloudflare/puppeteer";
import { expect, it } from "vitest";

const env = anyEnv as unknown as BrowserEnv;

// The parts of Browser Rendering that a login stands on: if one is missing locally, every test of a login lies.
it("a browser lives on without us, and is found by its id from inside an object", async () => {
  const first = await puppeteer.launch(env.BROWSER, { keep_alive: 600_000 });
  const [page] = await first.pages();
  await page?.setContent("<input id=code>");
  await page?.type("#code", "half");
  const id = first.sessionId();
  await first.disconnect();

  const text = await runInDurableObject(env.SESSION_PAIR.getByName("prt_1"), async () => {
    const again = await puppeteer.connect(env.BROWSER, id);
    const [open] = await again.pages();
    await open?.type("#code", "-typed");
    const value = await open?.evaluate("document.querySelector('#code').value");
    await again.close();
    return value;
  });
  expect(text).toBe("half-typed");
  await expect(puppeteer.connect(env.BROWSER, id)).rejects.toThrow("Unable to connect");
});

it("two browsers run at once, and have nothing in common", async () => {
  const [one, two] = await Promise.all([
    puppeteer.launch(env.BROWSER),
    puppeteer.launch(env.BROWSER),
  ]);
  const open = (await puppeteer.sessions(env.BROWSER)).map(({ sessionId }) => sessionId);
  expect(open).toEqual(expect.arrayContaining([one.sessionId(), two.sessionId()]));
  const pages = await Promise.all([one.pages(), two.pages()]);
  expect(pages.map((each) => each.length)).toEqual([1, 1]);
  await Promise.all([one.close(), two.close()]);
});
