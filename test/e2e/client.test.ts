import { beforeAll, expect, it } from "vitest";
import { type Frame, publish, type State, subscribe } from "../../src/client/index.ts";
import { launchBrowser } from "../support/browser.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { waitFor } from "../support/wait-for.ts";

/*
 * The client library against a real session: in Node over every transport, and as the file that pages load, in a real
 * browser. The session is stopped and started again in the middle.
 */

type Library = { subscribe: typeof subscribe };
type Page = { seen: Record<string, unknown[]>; states: Record<string, string> };

const TRANSPORTS = ["ws", "sse", "ndjson", "poll", "auto"] as const;

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

const where = (channel: string) => ({
  url: `http://127.0.0.1:${session.env.BATON_PORT}`,
  channel,
  token: session.apiKey,
});
const timing = { firstRetryMs: 100, maxRetryMs: 1000 };

/** Publishes the numbers from `from` up to below `to`, the last ones together. */
async function publishNumbers(channel: string, from: number, to: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = from; n < to - 3; n++) {
    ids.push(...(await publish({ ...where(channel), timing, event: "n", data: n })).ids);
  }
  const events = [to - 3, to - 2, to - 1].map((n) => ({ event: "n", data: n }));
  ids.push(...(await publish({ ...where(channel), timing, events })).ids);
  return ids;
}

async function restart(whileDown: () => Promise<void>): Promise<void> {
  await session.stop();
  await whileDown();
  session = await startSession({ env: session.env });
}

it("over every transport each frame comes once and in order, through a restart in the middle", async () => {
  const readers = TRANSPORTS.map((transport) => {
    const frames: Frame[] = [];
    const gaps: unknown[] = [];
    const states: State[] = [];
    const subscription = subscribe({
      ...where("restarted"),
      transport,
      timing,
      since: "all",
      onFrame: (frame) => void frames.push(frame),
      onGap: (gap) => void gaps.push(gap),
      onState: (state) => void states.push(state),
    });
    return { transport, subscription, frames, gaps, states };
  });
  const all = (count: number) =>
    waitFor(() => readers.every(({ frames }) => frames.length >= count), {
      what: `${count} frames`,
      deadlineMs: 45_000,
      explain: () => JSON.stringify(readers.map((r) => [r.transport, r.frames.length, r.states])),
    });
  const ids = await publishNumbers("restarted", 0, 20);
  await all(20);
  // A publish that begins while nothing answers is done when something does, once.
  let meanwhile: Promise<{ ids: string[] }> | undefined;
  await restart(async () => {
    await waitFor(() => readers.every(({ subscription }) => subscription.state.kind !== "open"), {
      what: "all to be cut",
    });
    meanwhile = publish({ ...where("restarted"), timing, event: "n", data: 20 });
  });
  ids.push(...((await meanwhile)?.ids ?? []));
  ids.push(...(await publishNumbers("restarted", 21, 40)));
  await all(40);

  const numbers = Array.from({ length: 40 }, (_, n) => n);
  for (const { transport, subscription, frames, gaps, states } of readers) {
    expect([transport, gaps]).toEqual([transport, []]);
    expect([transport, frames.map(({ id }) => id)]).toEqual([transport, ids]);
    expect([transport, frames.map(({ data }) => data)]).toEqual([transport, numbers]);
    expect([transport, subscription.position]).toEqual([transport, ids.at(-1)]);
    const used = transport === "auto" ? "ws" : transport;
    expect(new Set(states.map((s) => "transport" in s && s.transport))).toEqual(new Set([used]));
    subscription.close();
    await subscription.done;
  }
});

it("one that is refused is told why: a wrong key, and a key that may not publish", async () => {
  for (const transport of TRANSPORTS) {
    const { done } = subscribe({
      ...where("refused"),
      token: "bt_wrong",
      transport,
      onFrame: () => {},
      onGap: () => {},
    });
    await expect(done).rejects.toMatchObject({ name: "BatonClientError", status: 401 });
  }
  const made = await session.api("/api-keys", {
    method: "POST",
    body: JSON.stringify({ name: "reader", scopes: ["read"] }),
  });
  const { key } = (await made.json()) as { key: string };
  const tried = publish({ ...where("refused"), token: key, data: 1 });
  await expect(tried).rejects.toMatchObject({ name: "BatonClientError", status: 403 });
});

it("a page subscribes by /assets/baton-client.js, with its cookie and over every transport, through a restart", async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(session.appUrl);
    // As a text: what compiles this file would make another import of it.
    await page.evaluate(
      `import("/assets/baton-client.js").then((it) => { globalThis.baton = it; })`,
    );
    await page.evaluate((transports) => {
      const { baton } = globalThis as unknown as { baton: Library };
      const seen: Page["seen"] = {};
      const states: Page["states"] = {};
      for (const transport of transports) {
        const got: unknown[] = [];
        seen[transport] = got;
        baton.subscribe({
          url: location.origin,
          channel: "paged",
          transport,
          timing: { firstRetryMs: 100, maxRetryMs: 1000 },
          onFrame: ({ data }) => void got.push(data),
          onGap: () => void got.push("gap"),
          onState: ({ kind }) => {
            states[transport] = kind;
          },
        });
      }
      Object.assign(globalThis, { seen, states });
    }, TRANSPORTS);
    const look = () =>
      page.evaluate(() => {
        const { seen, states } = globalThis as unknown as Page;
        return { seen, states };
      });
    const explain = () => JSON.stringify(last);
    let last: Page = { seen: {}, states: {} };
    const shows = (what: string, isSo: (page: Page) => boolean) =>
      waitFor(
        async () => {
          last = await look();
          return isSo(last);
        },
        { what, deadlineMs: 45_000, explain },
      );
    await shows("all to be open", ({ states }) =>
      TRANSPORTS.every((name) => states[name] === "open"),
    );
    await publishNumbers("paged", 0, 5);
    await restart(async () => {});
    await publishNumbers("paged", 5, 10);
    const numbers = Array.from({ length: 10 }, (_, n) => n);
    await shows("all frames", ({ seen }) => TRANSPORTS.every((name) => seen[name]?.length === 10));
    expect(last.seen).toEqual(Object.fromEntries(TRANSPORTS.map((name) => [name, numbers])));
  } finally {
    await browser.close();
  }
});
