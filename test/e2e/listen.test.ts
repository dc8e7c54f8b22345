import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { Api } from "../../src/cli/api.ts";
import { LISTEN_LOOK_MS, LISTEN_POLL_MS } from "../../src/cli/listen-constants.ts";
import { Wake } from "../../src/cli/listen-wake.ts";
import { runListen, startListen } from "../cli/listen-program.ts";
import { atEndOfFile } from "../support/at-end.ts";
import type { Received } from "../support/received.ts";
import { startReceiver } from "../support/receiver.ts";
import { newStateFolder } from "../support/run-program.ts";
import { startSession, type TestSession } from "../support/session.ts";
import * as wait from "../support/wait-for.ts";
import { call } from "./support.ts";

/*
 * The real command against a real session, with a receiver as the local server: offline and back, stopped and killed,
 * refused and down. Each test has a source of its own, and most of its time it waits for what the command waits for
 * (a lease, a look, a retry): so they run beside each other.
 */

// The longest has 500 calls one after the other, on a machine that does other things.
vi.setConfig({ testTimeout: 600_000 });

let session: TestSession;
beforeAll(async () => {
  session = await startSession({ env: { BATON_TICK_MS: "1000" } });
});

type Delivery = { id: string; status: string; attempts: { number: number; outcome: string }[] };

async function makeSource(slug: string): Promise<string> {
  return (await call<{ id: string }>(session, 201, "POST", "/sources", { slug })).id;
}

/** Sends requests to a source, some at a time. */
async function send(slug: string, paths: string[], init: RequestInit = {}): Promise<void> {
  const waiting = [...paths];
  const one = async () => {
    for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
      const url = session.ingestUrl(slug) + path;
      const answer = await fetch(url, { method: "POST", body: path, ...init });
      expect([path, answer.status]).toEqual([path, 202]);
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
}

async function makeLocal(decide: (request: Received) => string | undefined = () => undefined) {
  const local = await startReceiver(0, decide);
  atEndOfFile(local.close);
  return local;
}

const newEnv = () => ({ BATON_STATE: session.state, XDG_STATE_HOME: newStateFolder() });
/** The others beside it take their share of the time. */
const waitFor: typeof wait.waitFor = (ask, options) =>
  wait.waitFor(ask, { deadlineMs: 60_000, ...options });
/** Waits for so many requests, as long as one comes after the other. */
async function cameTo(received: Received[], count: number, explain: () => string) {
  while (received.length < count) {
    const had = received.length;
    const what = `more than ${had} of ${count} requests`;
    await waitFor(() => received.length > had, { what, explain });
  }
}
const header = ({ headers }: Received, name: string) =>
  headers.find(([one]) => one.toLowerCase() === name)?.[1];
const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `/${from + i}`);

it.concurrent("what came while it was away comes when it is back: 500 events, none lost, each once, in order", async () => {
  const [orders, cards] = ["listen-orders", "listen-cards"];
  for (const slug of [orders, cards]) await makeSource(slug);
  const local = await makeLocal();
  const env = newEnv();
  const args = [orders, cards, "--forward", `${local.url}/base/`, "--json", "--concurrency", "1"];
  await send(orders, ["/before"]);
  const first = startListen(args, env);
  await first.says(`listen@${hostname()}`);
  await send(orders, ["/while"]);
  await waitFor(() => local.received.length === 1, { what: "an event", explain: first.explain });
  expect(local.received[0]).toMatchObject({ method: "POST", url: "/base/while", body: "/while" });
  expect(await first.end("SIGINT")).toBe(130);
  expect(first.err()).toContain("nothing is lost");
  expect(first.lines()).toMatchObject([{ ok: true, status: 200, source: { slug: orders } }]);

  const away = numbered(450);
  await send(orders, away);
  await send(cards, numbered(50, 1000));
  const second = startListen(args, env);
  await second.says("goes on where it stopped");
  await cameTo(local.received, 200, second.explain);
  expect(await second.end("SIGTERM")).toBe(130);
  const third = startListen(args, env);
  await cameTo(local.received, 501, third.explain);
  await send(cards, ["/last"]);
  await third.says("/last");
  expect(await third.end("SIGINT")).toBe(130);

  const urls = local.received.map(({ url }) => url);
  const wanted = ["/while", ...away, ...numbered(50, 1000), "/last"].map((path) => `/base${path}`);
  expect(urls.toSorted()).toEqual(wanted.toSorted());
  const ids = local.received.map((request) => String(header(request, "x-baton-event-id")));
  const ofOrders = ids.filter((_, i) => !/\/1\d\d\d$|last$/.test(urls[i] ?? ""));
  expect(ofOrders).toEqual(ofOrders.toSorted());
});

it.concurrent("a kill between claim and outcome: the attempt is interrupted, and made again", async () => {
  const sourceId = await makeSource("listen-killed");
  let hangs = true;
  const local = await makeLocal(({ url }) => (hangs && url === "/3" ? "/hang" : undefined));
  const env = newEnv();
  const args = ["listen-killed", "--forward", local.url, "--json", "--call-timeout", "1"];
  await send("listen-killed", numbered(6));
  const killed = startListen([...args, "--since", "all", "--name", "mortal"], env);
  await waitFor(() => local.received.some(({ url }) => url === "/3"), { what: "the claim" });
  expect(await killed.end("SIGKILL")).toBe("SIGKILL");
  hangs = false;
  const again = startListen([...args, "--name", "mortal"], env);
  const seen = () => new Set(local.received.map(({ url }) => url));
  // Others may have been claimed and not called yet: they too come back by their leases.
  await waitFor(() => seen().size === 6, {
    what: "the others",
    deadlineMs: 100_000,
    explain: again.explain,
  });
  const hung = () => local.received.filter(({ url }) => url === "/3");
  await waitFor(() => hung().length === 2, {
    what: "the second attempt",
    deadlineMs: 100_000,
    explain: again.explain,
  });
  expect(new Set(hung().map((one) => header(one, "webhook-id"))).size).toBe(1);
  expect(hung().map((one) => header(one, "x-baton-attempt"))).toEqual(["1", "2"]);
  const settled = async () => {
    const { data } = await call<{ data: Delivery[] }>(
      session,
      200,
      "GET",
      `/deliveries?sourceId=${sourceId}`,
    );
    return data.length === 6 && data.every(({ status }) => status === "succeeded");
  };
  await waitFor(settled, { what: "all on record", deadlineMs: 100_000, explain: again.explain });
  const id = String(header(hung()[0] as Received, "webhook-id"));
  const delivery = await call<Delivery>(session, 200, "GET", `/deliveries/${id}`);
  expect(delivery.attempts).toMatchObject([
    { number: 1, outcome: "interrupted" },
    { number: 2, outcome: "succeeded" },
  ]);
  expect(await again.end("SIGTERM")).toBe(130);
});

it.concurrent("is woken by the session's live stream, and by nothing else while that is up", async () => {
  const sourceId = await makeSource("listen-woken");
  const origin = `http://127.0.0.1:${session.env.BATON_PORT}`;
  const end = new AbortController();
  atEndOfFile(() => end.abort());
  const wake = new Wake({ origin, key: () => session.apiKey } as Api, sourceId, end.signal);
  // Until the stream is open it is time to look every 2 s; then a wait is longer.
  let waited: Promise<"rung">;
  do waited = wake.wait(end.signal).then(() => "rung" as const);
  while ((await Promise.race([waited, sleep(LISTEN_POLL_MS * 2)])) === "rung");
  await send("listen-woken", ["/now"]);
  expect(await Promise.race([waited, sleep(LISTEN_LOOK_MS / 2)])).toBe("rung");
});

it.concurrent("ends when its source is deleted", async () => {
  const id = await makeSource("listen-deleted");
  const to = ["--forward", "http://127.0.0.1:9", "--name", "orphan"];
  const listen = startListen(["listen-deleted", ...to], newEnv());
  await listen.says("Ctrl-C");
  await call(session, 204, "DELETE", `/sources/${id}`);
  expect(await listen.ended).toBe(1);
  expect(listen.err()).toContain(`There is no source ${id}`);
});

describe.concurrent("a local server", () => {
  it("that answers 500 gets the event again, by the schedule, as attempts on record", async () => {
    await makeSource("listen-broken");
    let tries = 0;
    const local = await makeLocal(() => (tries++ === 0 ? "/status/500" : undefined));
    const listen = startListen(["listen-broken", "--forward", local.url], newEnv());
    await listen.says("Ctrl-C");
    await send("listen-broken", ["/orders?a=1"]);
    await listen.says("→ 500");
    expect(listen.out()).toMatch(
      /listen-broken POST \/orders\?a=1 → 500 \d+ ms · http_status · again at .* \(try 2\)/,
    );
    await listen.says("→ 200");
    const id = String(header(local.received[0] as Received, "webhook-id"));
    const delivery = await call<Delivery>(session, 200, "GET", `/deliveries/${id}`);
    expect(delivery).toMatchObject({
      status: "succeeded",
      attempts: [
        { number: 1, reason: "http_status", response: { status: 500, body: "answer 500" } },
        { number: 2, outcome: "succeeded", request: { url: `${local.url}/orders?a=1` } },
      ],
    });
    const list = await call<{ data: object[] }>(session, 200, "GET", "/destinations");
    expect(list.data).toContainEqual(
      expect.objectContaining({ kind: "listen", name: `listen@${hostname()}` }),
    );
  });

  it("that is down costs an attempt with connection_refused, and gets the event when it is up", async () => {
    await makeSource("listen-down");
    const local = await makeLocal();
    await local.goAway();
    const listen = startListen(["listen-down", "--forward", local.url, "--json"], newEnv());
    await listen.says("Ctrl-C");
    await send("listen-down", ["/late"]);
    await listen.says("connection_refused");
    expect(listen.lines()[0]).toMatchObject({
      ok: false,
      status: null,
      reason: "connection_refused",
      detail: expect.stringContaining("ECONNREFUSED") as unknown,
      deliveryStatus: "retrying",
    });
    await local.comeBack();
    await waitFor(() => local.received.length === 1, {
      what: "the retry",
      explain: listen.explain,
    });
  });
});

it.concurrent("two listeners of one name share the events; each event goes to one of them", async () => {
  await makeSource("listen-shared");
  const local = await makeLocal();
  const args = ["listen-shared", "--forward", local.url, "--json", "--name", "shared"];
  const both = [startListen(args, newEnv()), startListen(args, newEnv())];
  for (const one of both) await one.says("Ctrl-C");
  await send("listen-shared", numbered(60));
  await waitFor(() => local.received.length >= 60, { what: "all" });
  for (const one of both) await one.end("SIGINT");
  expect(local.received.map(({ url }) => url).toSorted()).toEqual(numbered(60).toSorted());
});

describe.concurrent("for pipes and CI", () => {
  it("--once ends after the first event that matches: 0 for 2xx, 1 for another answer, 1 in vain", async () => {
    await makeSource("listen-once");
    const local = await makeLocal(({ url }) => (url === "/bad" ? "/status/418" : undefined));
    await send("listen-once", ["/a", "/b"], { method: "PUT" });
    await send("listen-once", ["/c", "/bad"]);
    const args = [
      "listen-once",
      "--forward",
      local.url,
      "--since",
      "1h",
      "--once",
      "--timeout",
      "60",
    ];
    const good = await runListen(
      [...args, "--name", "once", "--path", "/c", "--method", "post", "--json"],
      newEnv(),
    );
    expect(good.code).toBe(0);
    expect(JSON.parse(good.out)).toMatchObject({ path: "/c", ok: true, status: 200 });
    expect(local.received.map(({ url }) => url)).toEqual(["/c"]);
    const match = ["--match", '{"path":"/b*"}', "--text", "bad"];
    const bad = await runListen([...args, "--name", "once", ...match], newEnv());
    expect([bad.code, bad.out]).toEqual([1, expect.stringContaining("→ 418")]);
    const vain = await runListen(
      [...args.slice(0, 3), "--once", "--timeout", "1", "--name", "vain"],
      newEnv(),
    );
    expect(vain).toMatchObject({ code: 1, out: "" });
    expect(vain.err).toContain("No event came within 1 s.");
  });

  it("a large body, an odd method and a hand-made replay come as they are", async () => {
    const sourceId = await makeSource("listen-odd");
    const local = await makeLocal();
    const listen = startListen(
      ["listen-odd", "--forward", local.url, "--json", "--name", "odd"],
      newEnv(),
    );
    await listen.says("Ctrl-C");
    const body = new Uint8Array(400_000).map((_, i) => i % 256);
    await send("listen-odd", ["/large"], { method: "PATCH", body });
    await waitFor(() => local.received.length === 1, { what: "the body", explain: listen.explain });
    const [got] = local.received;
    const { data } = await call<{ data: { id: string; sha256: string }[] }>(
      session,
      200,
      "GET",
      `/events?sourceId=${sourceId}`,
    );
    expect(got).toMatchObject({ method: "PATCH", size: body.length, sha256: data[0]?.sha256 });
    const destinations = await call<{ data: { id: string; name: string }[] }>(
      session,
      200,
      "GET",
      "/destinations",
    );
    const destinationId = destinations.data.find(({ name }) => name === "odd")?.id;
    await call(session, 201, "POST", `/events/${data[0]?.id}/replay`, {
      destinationId,
      edit: { body: "edited" },
    });
    await waitFor(() => local.received.length === 2, {
      what: "the replay",
      explain: listen.explain,
    });
    expect(local.received[1]).toMatchObject({ method: "PATCH", url: "/large", body: "edited" });
  });

  it("says in a line what is wrong, in both languages", async () => {
    await makeSource("listen-errors");
    const env = newEnv();
    const to = ["--forward", "http://127.0.0.1:9"];
    const running = startListen(["listen-errors", ...to], env);
    await running.says("Ctrl-C");
    for (const [args, code, text] of [
      [["listen-errors", ...to], 2, "Another listener on this machine"],
      [["no-such", ...to], 1, "There is no source no-such"],
      [["listen-errors"], 2, "--forward"],
      [["listen-errors", "--forward", "ftp://x"], 2, "--forward ftp://x is no address"],
      [["listen-errors", ...to, "--since", "never"], 2, "--since never"],
      [["listen-errors", ...to, "--timeout", "1"], 2, "--once"],
      [["listen-errors", "listen-errors", ...to, "--name", "n"], 2, "twice"],
    ] as const) {
      const ran = await runListen([...args], env);
      expect([args, ran.code, ran.out]).toEqual([args, code, ""]);
      expect(ran.err).toMatch(/^baton: [^\n]+\n$/);
      expect(ran.err).toContain(text);
    }
    const korean = await runListen(["listen-errors", ...to], { ...env, BATON_LANG: "ko" });
    expect(korean.err).toContain("다른 리스너");
    const wrongKey = await runListen(["listen-errors", ...to, "--key", "bt_wrong"], newEnv());
    expect([wrongKey.code, wrongKey.err]).toEqual([4, expect.not.stringContaining("bt_wrong")]);
  });

  it("a wrong match is refused by the first event's claim, and a disabled destination ends it", async () => {
    await makeSource("listen-refused");
    await send("listen-refused", ["/x"]);
    const args = ["listen-refused", "--forward", "http://127.0.0.1:9", "--since", "all"];
    const wrong = await runListen([...args, "--match", '{"nonsense":1}'], newEnv());
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("match.nonsense")]);
    const { id } = await call<{ id: string }>(session, 201, "POST", "/destinations", {
      kind: "listen",
      name: "off",
      config: {},
      enabled: false,
    });
    expect(id).toMatch(/^dst_/);
    const off = await runListen([...args, "--name", "off"], newEnv());
    expect([off.code, off.err]).toEqual([1, expect.stringContaining("is disabled")]);
  });
});
