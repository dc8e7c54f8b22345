import { mkdirSync } from "node:fs";
import type { Browser, Page, WebSocketRoute } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call } from "./support.ts";

/*
 * The chat page in a real browser, against a real session: two tabs, two users, and what happens between them.
 */
const SHOTS = ".baton/screenshots";
const WIDE = { width: 1180, height: 760 };
const NARROW = { width: 390, height: 780 };

let session: TestSession;
let browser: Browser;
let alice: Page;
let bob: Page;
const errors: string[] = [];

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  [browser, session] = await Promise.all([launchBrowser(), startSession()]);
});

afterAll(() => browser.close());

/** A tab of its own browser profile, so that one can be offline alone. */
async function open(locale: string, viewport: typeof WIDE, path = "/chat/"): Promise<Page> {
  const context = await browser.newContext({ locale, viewport });
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    // What a browser says of a line that is down, or of a refusal, is no fault of the page.
    const isOfLine = /ERR_INTERNET_DISCONNECTED|status of 4\d\d|WebSocket/.test(message.text());
    if (message.type() === "error" && !isOfLine) errors.push(message.text());
  });
  await page.goto(`${session.appUrl}${path}`);
  return page;
}

async function signIn(page: Page, userId: string): Promise<void> {
  await page.locator("#user-id").fill(userId);
  await page.locator("#sign-in-form button").click();
  await page.getByText("Connected", { exact: true }).waitFor();
}

async function write(page: Page, text: string): Promise<void> {
  await page.locator("#content").fill(text);
  await page.keyboard.press("Enter");
}

const bubbles = (page: Page) => page.locator("#messages .bubble-text").allTextContents();
const bubble = (page: Page, text: string) => page.locator(".bubble", { hasText: text });
const shot = (page: Page, name: string) => page.screenshot({ path: `${SHOTS}/chat-${name}.png` });
const isTooWide = (page: Page) =>
  page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

it("two tabs are two users, who find each other by id and write", async () => {
  alice = await open("en-US", WIDE);
  await shot(alice, "sign-in");
  await signIn(alice, "alice");
  await alice.getByText("No conversation yet").waitFor();
  await shot(alice, "empty");
  bob = await open("en-US", WIDE);
  await signIn(bob, "bob");

  await alice.getByRole("button", { name: "New chat" }).click();
  await alice.locator("#direct-user").fill("bob");
  await alice.keyboard.press("Enter");
  await alice.getByRole("heading", { name: "bob" }).waitFor();
  await write(alice, "안녕하세요 <b>Bob</b> & co. 🙂");
  await bob.getByText("안녕하세요 <b>Bob</b> & co. 🙂").first().waitFor();
  // Not open, so not read: it is counted, in the list and in the tab's title.
  await bob.getByLabel("1 unread").waitFor();
  await waitFor(async () => (await bob.title()) === "(1) Chat", { what: "the title" });
  await shot(bob, "unread");

  await bob.locator(".conversation", { hasText: "alice" }).click();
  await bob.getByLabel("1 unread").waitFor({ state: "detached" });
  await alice.getByText("Read", { exact: true }).waitFor();
  await write(bob, "안녕하세요, 앨리스!");
  await bubble(alice, "안녕하세요, 앨리스!").waitFor();
  expect(await bubbles(alice)).toEqual(["안녕하세요 <b>Bob</b> & co. 🙂", "안녕하세요, 앨리스!"]);
});

it("each sees that the other is there, and types", async () => {
  await alice.locator("#room-hint", { hasText: "Online" }).waitFor();
  await bob.locator("#room-hint", { hasText: "Online" }).waitFor();
  await bob.locator("#content").pressSequentially("I am wri");
  await alice.locator("#typing", { hasText: "bob is typing…" }).waitFor();
  await shot(alice, "typing");
  await bob.locator("#content").fill("");
  await alice.locator("#typing", { hasText: "typing" }).waitFor({ state: "detached" });
  expect(await alice.locator("#room-hint").textContent()).toContain("Online");
});

it("a reload shows the same, and earlier messages come by the page", async () => {
  const { conversationId } = await chat<{ conversationId: string }>(
    "bob",
    "GET",
    "/conversation/direct/alice",
  );
  for (let i = 1; i <= 32; i++) {
    const body = { content: `line ${i}`, tempMessageId: `line-${i}` };
    await chat("bob", "POST", `/conversations/${conversationId}/messages`, body);
  }
  await bubble(alice, "line 32").waitFor();
  await alice.reload();
  await bubble(alice, "line 32").waitFor();
  await alice.getByText("Connected", { exact: true }).waitFor();
  expect((await bubbles(alice)).length).toBe(30);
  // What is looked at stays where it is while earlier ones come above it.
  await alice.locator("#scroll").evaluate((scroll) => {
    (scroll as unknown as { scrollTop: number }).scrollTop = 0;
  });
  const before = await bubble(alice, "line 20").first().boundingBox();
  await alice.getByRole("button", { name: "Earlier messages" }).click();
  await bubble(alice, "안녕하세요, 앨리스!").waitFor({ state: "attached" });
  const after = await bubble(alice, "line 20").first().boundingBox();
  expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).toBeLessThan(60);
  expect(await bubbles(alice)).toEqual([
    "안녕하세요 <b>Bob</b> & co. 🙂",
    "안녕하세요, 앨리스!",
    ...Array.from({ length: 32 }, (_, i) => `line ${i + 1}`),
  ]);
  expect(await alice.locator("#older").isVisible()).toBe(false);
});

it("without a line a message waits, and arrives once when it is back", async () => {
  await alice.context().setOffline(true);
  await alice.getByText("Reconnecting…").waitFor();
  await alice.context().setOffline(false);
  await alice.getByText("Connected", { exact: true }).waitFor();

  // Chromium keeps open sockets over that loss of the network: here the line itself is cut.
  let isDown = false;
  const lines = new Set<WebSocketRoute>();
  await alice.routeWebSocket(/\/chat\/ws\//, (line) => {
    if (isDown) return void line.close({ code: 4503, reason: "unavailable" });
    line.connectToServer();
    lines.add(line);
  });
  await alice.reload();
  await alice.getByText("Connected", { exact: true }).waitFor();
  isDown = true;
  for (const line of lines) await line.close();
  await alice.getByText("Reconnecting…").waitFor();
  await write(alice, "written without a line");
  await bubble(alice, "written without a line").getByText("Sending…").waitFor();
  await shot(alice, "sending");
  await write(bob, "meanwhile");
  isDown = false;
  await bubble(bob, "written without a line").waitFor();
  await bubble(alice, "written without a line")
    .getByText("Sending…")
    .waitFor({ state: "detached" });
  await bubble(alice, "meanwhile").waitFor();
  const ends = [(await bubbles(alice)).slice(-2), (await bubbles(bob)).slice(-2)];
  expect(ends).toEqual([
    ["meanwhile", "written without a line"],
    ["meanwhile", "written without a line"],
  ]);
});

it("a message that is under way when the page is loaded again is sent, once", async () => {
  let isMute = true;
  await alice.unrouteAll();
  await alice.routeWebSocket(/\/chat\/ws\//, (line) => {
    const server = line.connectToServer();
    line.onMessage((text) => {
      if (!isMute || !String(text).includes("send-message")) server.send(text);
    });
  });
  await alice.reload();
  await alice.getByText("Connected", { exact: true }).waitFor();
  await write(alice, "before the reload");
  await bubble(alice, "before the reload").getByText("Sending…").waitFor();
  isMute = false;
  await alice.reload();
  await bubble(bob, "before the reload").waitFor();
  await bubble(alice, "before the reload").getByText("Sending…").waitFor({ state: "detached" });
  for (const page of [alice, bob]) {
    const texts = await bubbles(page);
    expect(texts.filter((text) => text === "before the reload")).toHaveLength(1);
  }
});

it("one who was blocked is told, and can try again", async () => {
  await chat("bob", "PUT", "/blocks/alice");
  await write(alice, "do you read me?");
  await bubble(alice, "do you read me?").getByText("Not sent: you were blocked").waitFor();
  await shot(alice, "failed");
  await chat("bob", "DELETE", "/blocks/alice");
  await alice.getByRole("button", { name: "Try again" }).click();
  await bubble(bob, "do you read me?").waitFor();
  await alice.getByRole("button", { name: "Try again" }).waitFor({ state: "detached" });
  expect(await bubbles(bob)).toContain("do you read me?");
});

it("a group: who is in it, who says what, and one who joins on a telephone, in Korean", async () => {
  await alice.getByRole("button", { name: "New group" }).click();
  await alice.locator("#group-title").fill("점심 모임");
  await alice.locator("#group-users").fill("bob");
  await alice.keyboard.press("Enter");
  await alice.getByText("A group needs at least two others.").waitFor();
  await shot(alice, "group-form");
  await alice.locator("#group-users").fill("bob, 지수");
  await alice.keyboard.press("Enter");
  await alice.getByRole("heading", { name: "점심 모임" }).waitFor();
  await write(alice, "오늘 점심 뭐 먹을까요?\n저는 김치찌개요.");
  await bob.locator(".conversation", { hasText: "점심 모임" }).click();
  await write(bob, "저는 다 좋아요. ".repeat(12).trim());

  const token = await tokenOf("지수");
  const phone = await open("ko-KR", NARROW, `/chat/#token=${token}`);
  await phone.getByText("연결됨", { exact: true }).waitFor();
  expect(phone.url()).not.toContain(token);
  await phone.getByLabel("안 읽은 메시지 2개").waitFor();
  await shot(phone, "narrow-list-ko");
  expect(await isTooWide(phone)).toBe(false);
  await phone.locator(".conversation", { hasText: "점심 모임" }).click();
  await phone.locator(".sender", { hasText: "alice" }).waitFor();
  await phone.locator("#room-hint", { hasText: "나" }).waitFor();
  await bob.locator("#content").pressSequentially("그럼 12시");
  await phone.locator("#typing", { hasText: "bob 님이 입력 중…" }).waitFor();
  await shot(phone, "narrow-room-ko");
  await phone.locator("#content").fill("12시에 만나요!");
  await phone.getByRole("button", { name: "보내기" }).click();
  await bubble(alice, "12시에 만나요!").waitFor();
  expect(await isTooWide(phone)).toBe(false);
  await phone.getByRole("link", { name: "대화 목록으로" }).click();
  await phone.getByRole("heading", { name: "대화", exact: true }).waitFor();

  await alice.goto(`${session.appUrl}/chat/?lang=ko`);
  await alice.getByText("연결됨", { exact: true }).waitFor();
  await alice.locator(".conversation", { hasText: "점심 모임" }).click();
  await bubble(alice, "12시에 만나요!").waitFor();
  await alice.emulateMedia({ colorScheme: "dark" });
  await shot(alice, "dark-ko");
});

it("one who goes is shown as away; a token that is no longer good is asked for anew", async () => {
  await alice.locator(".conversation", { hasText: "bob" }).first().click();
  await alice.locator("#room-hint", { hasText: "온라인" }).waitFor();
  await bob.getByRole("button", { name: "Sign out" }).click();
  await alice.locator("#room-hint", { hasText: "오프라인" }).waitFor();
  await bob.getByRole("heading", { name: "Sign in to chat" }).waitFor();
  const page = await open("en-US", WIDE, "/chat/#token=no.good.token");
  await page.getByText("Your access has ended. Sign in again.").waitFor();
  await page.getByRole("heading", { name: "Sign in to chat" }).waitFor();
  expect(page.url()).not.toContain("no.good.token");
  await shot(page, "ended");
});

it("nothing went wrong in the pages", () => {
  expect(errors).toEqual([]);
});

const tokens = new Map<string, string>();
async function tokenOf(userId: string): Promise<string> {
  const known = tokens.get(userId);
  if (known) return known;
  const made = await call<{ token: string }>(session, 201, "POST", "/chat/tokens", { userId });
  tokens.set(userId, made.token);
  return made.token;
}

async function chat<T>(userId: string, method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${session.appUrl}/chat${path}`, {
    method,
    headers: { authorization: await tokenOf(userId), "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}
