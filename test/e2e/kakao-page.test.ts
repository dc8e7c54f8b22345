import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { pickPort } from "../support/pick-port.ts";
import { startSession, type TestSession } from "../support/session.ts";

/*
 * The page's KakaoTalk part in a real browser, against a real session: its agent is this test, and so is its user.
 */
const SHOTS = ".baton/screenshots";
const WIDE = { width: 1280, height: 1000 };
const NARROW = { width: 400, height: 900 };

type Made = { sessionToken: string; pairingCode: string };

let session: TestSession;
let browser: Browser;
let page: Page;
let made: Made;
/** Stands for Kakao, and takes no answer that it finds wrong. */
let kakao: Server;
let callbackUrl: string;
const errors: string[] = [];

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await launchBrowser();
  const port = await pickPort();
  const origin = `http://127.0.0.1:${port}`;
  callbackUrl = `${origin}/callback/secret-1`;
  kakao = createServer((_, response) => response.writeHead(400).end("the callback is over"));
  kakao.listen(port, "127.0.0.1");
  session = await startSession({ env: { BATON_VAR_KAKAO_CALLBACK_ORIGINS: origin } });
  page = await open("en-US", WIDE);
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
});

afterAll(async () => {
  kakao.close();
  await browser.close();
});

async function open(locale: string, viewport: typeof WIDE, hash = ""): Promise<Page> {
  const context = await browser.newContext({ locale, viewport });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const opened = await context.newPage();
  await opened.goto(`${session.appUrl}/dashboard${hash}`);
  return opened;
}

async function post(path: string, body: object, token?: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${session.appUrl}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Record<string, unknown>;
}

/** What a user writes in KakaoTalk; Kakao asks the skill server with it. */
function write(user: string, utterance: string, more: object = {}) {
  return post("/kakao/webhook", {
    userRequest: {
      utterance,
      user: { id: user, type: "botUserKey", properties: { plusfriendUserKey: user } },
      ...more,
    },
    bot: { id: "channel", name: "Channel" },
  });
}

/** Messages of the newest agent, as the dashboard has them. */
async function newestMessage(): Promise<string> {
  const headers = { authorization: `Bearer ${session.apiKey}` };
  const read = async (path: string) =>
    (await (await fetch(`${session.appUrl}/dashboard/api${path}`, { headers })).json()) as {
      id: string;
    }[];
  const [account] = await read("/accounts");
  const [message] = await read(`/accounts/${account?.id}/messages`);
  return message?.id ?? "";
}

const textReply = (text: string) => ({
  version: "2.0",
  template: { outputs: [{ simpleText: { text } }] },
});

const isTooWide = (one: Page) =>
  one.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

it("says what to do when there is nothing, and the tab opens by keyboard", async () => {
  await page.getByRole("tab", { name: "Events" }).focus();
  await page.keyboard.press("ArrowRight");
  const tab = page.getByRole("tab", { name: "KakaoTalk" });
  expect(await tab.getAttribute("aria-selected")).toBe("true");
  await page.getByText("No code is open now").waitFor();
  await page.getByText(`${session.appUrl}/kakao/webhook`).waitFor();
  await page.screenshot({ path: `${SHOTS}/kakao-empty.png`, fullPage: true });
  expect(await page.getByText("Latest events").isVisible()).toBe(false);
});

it("a code appears by itself, counts down, and is copied as what is to be sent", async () => {
  made = (await post("/v1/sessions/create", {})) as Made;
  const card = page.locator(".code-card", { hasText: made.pairingCode });
  await card.waitFor();
  await card.getByText(/^[0-4]:\d\d left$|^5:00 left$/).waitFor();
  await page.screenshot({ path: `${SHOTS}/kakao-code.png`, fullPage: true });
  await card.getByRole("button", { name: `Copy /pair ${made.pairingCode}` }).click();
  await card.getByText("Copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(`/pair ${made.pairingCode}`);
  // Who may only read is told how to get more, and is shown no button that would be refused.
  expect(await page.getByRole("button", { name: "New session" }).isVisible()).toBe(false);
});

it("the agent appears when its user pairs, with what was said and what has become of it", async () => {
  await write("user-one", `/pair ${made.pairingCode}`);
  await page.getByRole("button", { name: /^Agent [0-9a-f]{8}/ }).waitFor();
  await page.locator(".code-card").waitFor({ state: "detached" });

  await write("user-one", "내일 서울 날씨 <b>어때?</b>", { callbackUrl });
  await page.getByText("Waits for the agent").waitFor();
  await page.getByText("내일 서울 날씨 <b>어때?</b>").first().waitFor();
  const first = await newestMessage();
  await post(
    "/openclaw/reply",
    { messageId: first, response: textReply("맑고 18도입니다.") },
    made.sessionToken,
  );
  await page.getByText("맑고 18도입니다.").waitFor();
  await page.getByText("Not sent").waitFor();
  await page.getByText("Kakao answered 400: the callback is over").waitFor();

  await write("user-one", "늦어도 되는 질문", {});
  await page.getByText("Kakao sent no callback URL").waitFor();
  const second = await newestMessage();
  await post(
    "/openclaw/reply",
    { messageId: second, response: textReply("늦은 답입니다.") },
    made.sessionToken,
  );
  await page.getByText("Late: goes with the user’s next message").waitFor();
  await page.screenshot({ path: `${SHOTS}/kakao-talk.png`, fullPage: true });
  expect(await page.content()).not.toContain("secret-1");
});

it("a key that may write makes sessions and codes", async () => {
  const writer = await open("en-US", WIDE, `#key=${session.apiKey}`);
  await writer.getByRole("tab", { name: "KakaoTalk" }).click();
  await writer.getByRole("button", { name: "Code for one more user" }).click();
  await writer.getByText(/For one more user of agent/).waitFor();
  await writer.getByRole("button", { name: "New session" }).click();
  const token = await writer.locator(".token").textContent();
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  await writer.getByText("For a new agent").waitFor();
  await writer.screenshot({ path: `${SHOTS}/kakao-writer.png`, fullPage: true });
  await writer.getByRole("button", { name: "Done" }).click();
  expect(await writer.content()).not.toContain(token);
});

it("speaks Korean, and fits a telephone", async () => {
  const korean = await open("ko-KR", NARROW, "#kakao");
  await korean.getByText("연결된 에이전트").waitFor();
  await korean.getByText("맑고 18도입니다.").waitFor();
  await korean.screenshot({ path: `${SHOTS}/kakao-narrow-ko.png`, fullPage: true });
  expect(await isTooWide(korean)).toBe(false);
  await korean.setViewportSize(WIDE);
  await korean.screenshot({ path: `${SHOTS}/kakao-wide-ko.png`, fullPage: true });

  await page.setViewportSize(NARROW);
  expect(await isTooWide(page)).toBe(false);
  await page.screenshot({ path: `${SHOTS}/kakao-narrow.png`, fullPage: true });
  expect(errors).toEqual([]);
});
