import { mkdirSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { startSession, type TestSession } from "../support/session.ts";

const SHOTS = ".baton/screenshots";

let session: TestSession;
let browser: Browser;
let page: Page;
const errors: string[] = [];

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await launchBrowser();
  session = await startSession();
  page = await browser.newPage({ locale: "en-US", viewport: { width: 1280, height: 900 } });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
});

afterAll(() => browser.close());

it("a newcomer opens the address, pastes the curl, and sees the event arrive and be delivered, live", async () => {
  await page.goto(session.appUrl);
  expect(new URL(page.url()).pathname).toMatch(/^\/dashboard/);
  await page.getByText(`${session.appUrl}/in/demo/`).first().waitFor();

  const answer = await session.send("demo.localhost", "/card/live", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ message: "신한카드(1234)승인 <b>12,000원</b>" }),
  });
  expect(answer.status).toBe(202);
  const event = page.getByText("/card/live").first();
  await event.waitFor();
  await page.getByText("200").first().waitFor();
  await page.screenshot({ path: `${SHOTS}/events.png` });

  await event.click();
  await page.getByText("승인 <b>12,000원</b>").first().waitFor();
  await page.getByText(" (unidentified)").waitFor();
  await page.screenshot({ path: `${SHOTS}/event.png` });
  expect(await page.content()).not.toContain(session.apiKey);
  expect(errors).toEqual([]);
});

it("speaks Korean to who reads Korean", async () => {
  const korean = await browser.newPage({ locale: "ko-KR" });
  await korean.goto(session.appUrl);
  expect(await korean.locator("html").getAttribute("lang")).toBe("ko");
  await korean.getByText("최근 이벤트").waitFor();
  await korean.screenshot({ path: `${SHOTS}/events-ko.png` });
});

it("shows the API reference without asking anybody else for anything", async () => {
  const foreign: string[] = [];
  const docs = await browser.newPage();
  docs.on("request", (request) => {
    if (!request.url().startsWith(session.appUrl)) foreign.push(request.url());
  });
  await docs.goto(`${session.appUrl}/api/docs`);
  await docs.getByText("/api/v1/rules/test").first().waitFor();
  await docs.screenshot({ path: `${SHOTS}/docs.png` });
  expect(foreign).toEqual([]);
});
