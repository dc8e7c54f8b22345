import { mkdirSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { readSse } from "../support/read-sse.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";
import { call, makeRelay } from "./support.ts";

/*
 * The whole way of a live event, in real sessions: request, edge, queue, consumer, the source's channel, the app
 * Worker's stream, and a reader: `fetch`, a browser's own EventSource, the first page.
 */

const SHOTS = ".baton/screenshots";
/** What "within a second" is here: a slow machine's scheduling is not the stream's. Less than a look into the database takes to come. */
const SOON_MS = 10_000;

let session: TestSession;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await launchBrowser();
  session = await startSession();
});

afterAll(() => browser.close());

async function send(slug: string, path: string, headers: Record<string, string> = {}) {
  const init = { method: "POST", body: "{}", headers };
  const answer = await session.send(`${slug}.localhost`, path, init);
  expect(answer.status).toBe(202);
  return String(JSON.parse(answer.body.toString()).id);
}

async function watch(path: string, headers: Record<string, string> = {}) {
  const stream = readSse(await session.api(path, { headers }));
  await stream.ready();
  return stream;
}

it("a stream shows each event and its delivery, goes on where it was cut, and shows what is not handed on", async () => {
  const { source } = await makeRelay(session, "live");
  const path = `/sources/${source.id}/live`;
  const first = await watch(path);
  const one = await send("live", "/one");
  await first.next("event", one, SOON_MS);
  await first.next("delivery", `"succeeded"`, SOON_MS);
  await first.close();

  const missed = [await send("live", "/two"), await send("live", "/three")];
  const second = await watch(path, { "last-event-id": first.lastId() });
  for (const id of missed) await second.next("event", id);
  await waitFor(
    () =>
      missed.every((id) =>
        second.all("delivery").some((d) => d.eventId === id && d.status === "succeeded"),
      ),
    { what: "what became of them" },
  );

  const senders = `/sources/${source.id}/senders`;
  const sender = await call<{ id: string; key: string }>(session, 201, "POST", senders, {
    name: "noise",
  });
  await call(session, 200, "PATCH", `${senders}/${sender.id}`, { state: "muted" });
  const muted = await send("live", `/~${sender.key}/muted`);
  const { data } = await second.next("event", muted, SOON_MS);
  expect(data).toContain(`"muted"`);
  expect(data).not.toContain(sender.key);
  await second.close();
});

it("the first page is not live while its stream does not come through, and shows its list all the same", async () => {
  const cut = await browser.newPage({ locale: "en-US" });
  await makeRelay(session, "cut-off");
  await send("cut-off", "/listed");
  await cut.route("**/api/v1/live*", (route) => route.abort());
  await cut.addInitScript(`
    globalThis.said = [];
    addEventListener("DOMContentLoaded", () => {
      const live = document.getElementById("live");
      new MutationObserver(() => said.push(live.className)).observe(live, { attributes: true });
    });`);
  await cut.goto(session.appUrl);
  await cut.getByText("/listed").first().waitFor();
  await cut.locator("#live", { hasText: "Reconnecting" }).waitFor();
  expect(new Set(await cut.evaluate<string[]>("said"))).toEqual(new Set(["live offline"]));
  await cut.unroute("**/api/v1/live*");
  await cut.locator("#live", { hasText: /^Live$/ }).waitFor();
  await cut.close();
});

it("a browser's own EventSource, and the first page without asking again, show an event, and come back by themselves after a restart", async () => {
  const native = await openEventSource();
  const first = await openFirstPage();

  await session.stop();
  await waitFor(async () => !(await native.state()).isOpen, { what: "the stream to be cut" });
  await first.live.filter({ hasText: "Reconnecting" }).waitFor();
  await first.page.screenshot({ path: `${SHOTS}/live-cut.png` });
  session = await startSession({ env: session.env });

  const meanwhile = await send("native", "/meanwhile");
  await waitFor(() => native.got(meanwhile), {
    what: "what came before it was back",
    deadlineMs: 30_000,
  });
  expect((await native.state()).isOpen).toBe(true);
  await first.live.filter({ hasText: /^Live$/ }).waitFor({ timeout: 30_000 });
  expect(await first.live.getAttribute("class")).toBe("live live");
  expect(await first.page.locator("#problem").isVisible()).toBe(false);
  await send("paged", "/after-restart");
  await first.page.getByText("/after-restart").first().waitFor({ timeout: SOON_MS });
});

/** A page whose own EventSource has had an event. */
async function openEventSource() {
  const { source } = await makeRelay(session, "native");
  const page = await browser.newPage();
  await page.goto(session.appUrl);
  await page.evaluate((path) => {
    const stream = new EventSource(path);
    const got: string[] = [];
    Object.assign(globalThis, { stream, got });
    stream.addEventListener("event", ({ data }) => got.push(JSON.parse(data).id));
  }, `/api/v1/sources/${source.id}/live`);
  const state = () =>
    page.evaluate(() => {
      const { stream, got } = globalThis as unknown as { stream: EventSource; got: string[] };
      return { isOpen: stream.readyState === 1, got };
    });
  const got = async (id: string) => (await state()).got.includes(id);
  await waitFor(async () => (await state()).isOpen, { what: "the stream to open" });
  const before = await send("native", "/before");
  await waitFor(() => got(before), { what: "the first event", deadlineMs: SOON_MS });
  return { state, got };
}

/** The first page, which has shown an event without asking again. */
async function openFirstPage() {
  const page = await browser.newPage({ locale: "en-US", viewport: { width: 1280, height: 900 } });
  const asked: string[] = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/api\/v1\/(events|deliveries|live)$/.test(pathname)) asked.push(pathname);
  });
  await makeRelay(session, "paged");
  await page.goto(session.appUrl);
  const live = page.locator("#live");
  await live.filter({ hasText: /^Live$/ }).waitFor();
  const atFirst = asked.length;
  expect(asked.toSorted()).toEqual(["/api/v1/deliveries", "/api/v1/events", "/api/v1/live"]);
  await send("paged", "/seen-live");
  const row = page.locator("#events li", { hasText: "/seen-live" });
  await row.waitFor({ timeout: SOON_MS });
  await row.getByText("200").waitFor({ timeout: SOON_MS });
  expect(asked.length).toBe(atFirst);
  await page.screenshot({ path: `${SHOTS}/live.png` });
  return { page, live };
}
