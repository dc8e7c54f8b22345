import puppeteer from "@cloudflare/puppeteer";
import { expect, it } from "vitest";
import { BrowserMeter } from "../../src/portal-browser/browser-meter.ts";
import { createLoginBrowser } from "../../src/portal-browser/index.ts";
import { endTab, findTab } from "../../src/portal-browser/open-tab.ts";
import { takeScreenshot } from "../../src/portal-browser/take-evidence.ts";
import { CREDENTIALS, env, loginInput, PASSWORD, phases, SITE } from "./login-support.ts";

const MAX_SCREENSHOT_BYTES = 256 * 1024;
const CODE = "024561";

/** Everything that a page could show or keep of what was typed. */
const CANARIES = `
  <title>${PASSWORD}</title>
  <input value="${PASSWORD}"><input id=typed><input type=hidden value="${CODE}">
  <textarea>${PASSWORD}</textarea><select><option>${CREDENTIALS.username}</select>
  <div contenteditable>${PASSWORD}</div>
  <p title="${PASSWORD}">Hello ${CREDENTIALS.username.toUpperCase()}</p>
  <p>code <b>024</b><b>561</b></p><p>010 1234 5678</p><p>+82 10-1234-5678</p>
  <!-- ${PASSWORD} --><p id=cookie></p><p id=kept>Nothing secret</p>
  <div id=host></div><iframe srcdoc="<p>${PASSWORD}</p><input value='${CODE}'>"></iframe>
  <script>
    document.getElementById("host").attachShadow({ mode: "open" }).innerHTML = "<input value='${CODE}'><i>${PASSWORD}</i>";
    document.cookie = "visible=cookie-canary-1";
    document.getElementById("cookie").textContent = document.cookie;
  </script>`;

/** What is in the page, fields and shadow roots included. */
const READ = `(() => {
  const read = (root) => [...root.querySelectorAll("*")].map((one) =>
    (one.value ?? "") + (one.shadowRoot ? read(one.shadowRoot) + one.shadowRoot.innerHTML : "")).join("|");
  return document.documentElement.outerHTML + document.body.textContent + read(document);
})()`;

async function openPage(html: string) {
  const browser = await puppeteer.launch(env.BROWSER);
  const [page] = await browser.pages();
  await page?.goto(`${SITE}/plain/who`);
  await page?.setContent(html);
  if (html === CANARIES) await page?.type("#typed", PASSWORD);
  const browsers = { binding: env.BROWSER, meter: new BrowserMeter() };
  await browser.disconnect();
  const tab = await findTab(browsers, browser.sessionId(), [SITE]);
  return { tab, close: () => endTab(browsers, tab) };
}

it("before a picture is taken nothing secret is in the page any more, in any frame or field", async () => {
  const { tab, close } = await openPage(CANARIES);
  const picture = await takeScreenshot(tab, CREDENTIALS, CODE, [SITE]);
  expect(picture?.subarray(0, 3)).toEqual(new Uint8Array([0xff, 0xd8, 0xff]));
  expect(picture?.length).toBeLessThanOrEqual(MAX_SCREENSHOT_BYTES);
  const texts = await Promise.all(tab.page.frames().map((frame) => frame.evaluate(READ)));
  expect(texts).toHaveLength(2);
  const text = texts.join("\n").replaceAll(/<[^>]*>/g, "") + texts.join("\n");
  for (const secret of [PASSWORD, CODE, "partner@example", "1234", "cookie-canary-1"]) {
    expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
  }
  expect(text).toContain("Nothing secret");
  await close();
});

it("a page that puts its secrets back is not pictured", async () => {
  const { tab, close } = await openPage(`<p id=a></p><script>
    const show = () => { if (document.getElementById("a").textContent !== "${PASSWORD}") document.getElementById("a").textContent = "${PASSWORD}"; };
    show(); new MutationObserver(show).observe(document.getElementById("a"), { childList: true, characterData: true, subtree: true });
  </script>`);
  expect(await takeScreenshot(tab, CREDENTIALS, null, [SITE])).toBeNull();
  await close();
});

it("a picture is thrown away when a secret came back before it was taken", async () => {
  const { tab, close } = await openPage(`<p id=a>${PASSWORD}</p>`);
  const take = tab.page.screenshot.bind(tab.page) as (how: object) => Promise<Uint8Array>;
  const late = `document.getElementById("a").textContent = ${JSON.stringify(PASSWORD)}`;
  // As a timer of the page would, at the worst moment.
  Object.assign(tab.page, {
    screenshot: async (how: object) => {
      await tab.page.evaluate(late);
      return take(how);
    },
  });
  expect(await takeScreenshot(tab, CREDENTIALS, null, [SITE])).toBeNull();
  await close();
});

it("a login that fails leaves a picture, the page's address without its query, and its steps", async () => {
  const outcome = await createLoginBrowser(env.BROWSER).begin(loginInput("shown"), phases().on);
  if (outcome.kind !== "failed") throw new Error(outcome.kind);
  expect(outcome).toMatchObject({ reason: "not_logged_in", url: `${SITE}/shown/login` });
  expect(outcome.screenshot?.subarray(0, 3)).toEqual(new Uint8Array([0xff, 0xd8, 0xff]));
  expect(outcome.steps.at(-1)).toMatchObject({ step: "classify", ok: true });
});
