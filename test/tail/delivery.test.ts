import { readFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { MAX_QUEUED_ALERTS } from "../../src/tail/constants.ts";
import { postAlerts } from "../../src/tail/post-alerts.ts";
import { waitFor } from "../support/wait-for.ts";
import { startSource } from "./source.ts";
import { addLines, newFolder, startTail } from "./support.ts";

/** A deliverer that waits to be let go. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { deliver: () => opened, open };
}

describe("when nothing can be delivered", () => {
  it("stops reading, holds rotated files open, and loses nothing of what was written meanwhile", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const { deliver, open } = gate();
    const tail = await startTail(folder, "app.log", { deliver });
    const lines = (from: number) => Array.from({ length: 5000 }, (_, index) => `${from + index}`);
    addLines(log, ...lines(0));
    await tail.reaches({ queued: MAX_QUEUED_ALERTS });
    for (const from of [5000, 10_000, 15_000]) {
      renameSync(log, `${log}.${from}`);
      addLines(log, ...lines(from));
      await tail.reaches({ files: 1 + from / 5000 });
      // Old ones go before they are read; their descriptors keep them.
      renameSync(`${log}.${from}`, join(folder, `gone-${from}`));
    }
    expect(tail.status().seen).toBe(MAX_QUEUED_ALERTS);
    expect(tail.status().lagBytes).toBeGreaterThan(100_000);
    open();
    await tail.reaches({ sent: 20_000, lagBytes: 0 });
    expect(tail.texts()).toEqual(lines(0).concat(lines(5000), lines(10_000), lines(15_000)));
  });

  it("does not move the checkpoint past a line before its alert has arrived", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const { deliver, open } = gate();
    const first = await startTail(folder, "app.log", { deliver, drainMs: 50 });
    addLines(log, "one", "two");
    await first.reaches({ queued: 2 });
    expect(first.status().lagBytes).toBe(8);
    const last = await first.stop();
    expect(last).toMatchObject({ sent: 0, lagBytes: 8 });
    const second = await startTail(folder, "app.log");
    await second.told("one", "two");
    open();
  });

  it("hands over again what a deliverer rejects, and shows why", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    let isBroken = true;
    const deliver = async () => {
      if (isBroken) throw new Error("no route");
    };
    const tail = await startTail(folder, "app.log", { deliver });
    addLines(log, "one");
    await waitFor(() => tail.status().problems.length === 1, { what: "a problem" });
    expect(tail.status().problems).toEqual([{ code: "deliverer_failed", reason: "no route" }]);
    isBroken = false;
    await tail.told("one");
    await waitFor(() => tail.status().problems.length === 0, { what: "no problem" });
  });
});

describe("a storm", () => {
  it("is told in one line and a group, by file; a jump of the clock changes nothing", async () => {
    const folder = newFolder();
    let monotonic = 0;
    let wall = 1_800_000_000_000;
    const clock = { wall: () => wall, monotonic: () => monotonic };
    const tail = await startTail(folder, "*.log", { cooldownMs: 60_000, clock });
    const [app, web] = [join(folder, "app.log"), join(folder, "web.log")];
    addLines(app, "E1");
    await tail.told("E1");
    for (const day of [1, -2]) {
      // Forward a day, back two days.
      wall += day * 86_400_000;
      addLines(app, `storm ${day}`);
      await tail.reaches({ matched: day === 1 ? 2 : 3 });
    }
    addLines(web, "W1");
    await tail.told("E1", "W1");
    monotonic = 59_000;
    addLines(app, "last");
    await tail.reaches({ matched: 5 });
    monotonic = 60_000;
    await tail.told("E1", "W1", "+3 more in 60 s: last");
    expect(tail.alerts[2]).toMatchObject({ kind: "more", count: 3, file: app, offset: 3 });
    monotonic = 130_000;
    await tail.settled();
    addLines(app, "E2");
    await tail.told("E1", "W1", "+3 more in 60 s: last", "E2");
    await tail.reaches({ matched: 6, sent: 6, alerts: 4 });
  });
});

describe("posting to a source", () => {
  const send = async (
    source: Awaited<ReturnType<typeof startSource>>,
    options: { isWaited?: boolean } = {},
  ) => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const deliver = postAlerts({
      url: source.url,
      host: "web-1",
      random: () => 0,
      headers: { "x-token": "t" },
    });
    const tail = await startTail(folder, "app.log", { deliver, drainMs: 100 });
    addLines(log, "한글 one");
    if (options.isWaited !== false) await tail.told("한글 one");
    return { tail, log };
  };

  it("says what, where, when, and how to count it once", async () => {
    const source = await startSource();
    const { log } = await send(source);
    expect(source.posted).toHaveLength(1);
    const [{ headers, body, key } = { headers: {}, body: {}, key: "" }] = source.posted;
    expect(headers).toMatchObject({ "content-type": "application/json", "x-token": "t" });
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(body).toEqual({
      message: "한글 one",
      kind: "line",
      file: log,
      host: "web-1",
      offset: 0,
      count: 1,
      firstAt: time,
      lastAt: time,
    });
  });

  it.each([500, 503, 429, 408])("tries again after %i, with the same key", async (status) => {
    const source = await startSource((_, response) => {
      const isFirst = source.posted.length === 1;
      response.writeHead(isFirst ? status : 200, { "retry-after": "1" }).end();
    });
    const { tail } = await send(source);
    expect(source.posted).toHaveLength(2);
    expect(source.posted[0]?.key).toBe(source.posted[1]?.key);
    expect(tail.warnings).toEqual([{ code: "source_busy", status, text: "", retrySeconds: 1 }]);
  });

  it("tries again when nobody answers, and when the answer breaks off", async () => {
    const source = await startSource((_, response) => {
      if (source.posted.length === 1) response.destroy();
      else response.end();
    });
    const { tail } = await send(source);
    expect(source.posted).toHaveLength(2);
    const { origin } = new URL(source.url);
    expect(tail.warnings).toEqual([
      { code: "source_unreachable", origin, reason: expect.any(String), retrySeconds: 1 },
    ]);
  });

  it.each([401, 404, 302])(
    "keeps what is refused with %i, shows it, and tries slowly",
    async (status) => {
      const source = await startSource((_, response) => {
        response.writeHead(status, { location: "/elsewhere" }).end("because");
      });
      const { tail } = await send(source, { isWaited: false });
      await waitFor(() => tail.status().problems.length > 0, { what: "a problem" });
      expect(tail.status().problems).toEqual([
        { code: "source_refused", status, text: "because", retrySeconds: 60 },
      ]);
      const last = await tail.stop();
      expect(last).toMatchObject({ sent: 0, queued: 1 });
      expect(source.posted).toHaveLength(1);
    },
  );
});

describe("the checkpoint", () => {
  const damage: [string, (path: string) => void][] = [
    ["torn", (path) => truncateSync(path, 40)],
    ["empty", (path) => truncateSync(path)],
    ["another's", (path) => writeFileSync(path, '{"version":1,"files":"none"}')],
    ["of a later version", (path) => writeFileSync(path, '{"version":2}')],
    ["no text", (path) => writeFileSync(path, Buffer.of(0xff, 0, 1))],
  ];

  it.each(damage)("that is %s is put aside, and the one before goes on", async (_, hurt) => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const first = await startTail(folder, "app.log");
    addLines(log, "one");
    await first.told("one");
    await first.stop();
    const path = join(folder, "state", "checkpoint.json");
    hurt(path);
    addLines(log, "two");
    const second = await startTail(folder, "app.log");
    await waitFor(() => second.texts().includes("two"), { what: "the new line" });
    const aside = `${path}.corrupt`;
    expect(second.warnings).toEqual([{ code: "checkpoint_restored", path, aside }]);
    // The first may be sent again, but then with its key.
    const keys = second.alerts.filter(({ message }) => message === "one");
    expect(
      [[], first.alerts].map((alerts) => alerts.map((alert) => alert.idempotencyKey)),
    ).toContainEqual(keys.map((alert) => alert.idempotencyKey));
  });

  it("that is damaged together with the one before starts as at the first time", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    addLines(log, "old");
    const path = join(folder, "state", "checkpoint.json");
    const first = await startTail(folder, "app.log");
    await first.stop();
    for (const name of [path, `${path}.previous`]) writeFileSync(name, "{");
    const second = await startTail(folder, "app.log");
    const aside = `${path}.corrupt`;
    expect(second.warnings).toEqual([{ code: "checkpoint_lost", path, aside }]);
    addLines(log, "new");
    await second.told("new");
    expect(readFileSync(`${path}.corrupt`, "utf8")).toBe("{");
  });

  it("holds no text of the log, and is for its owner only", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    addLines(log, "secret-of-the-log");
    const tail = await startTail(folder, "app.log", { start: "beginning" });
    await tail.told("secret-of-the-log");
    await tail.stop();
    const path = join(folder, "state", "checkpoint.json");
    expect(readFileSync(path, "utf8")).not.toContain("secret-of-the-log");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("that cannot be written ends the start with what to do", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "file"), "");
    const checkpointFile = join(folder, "file", "checkpoint.json");
    await expect(startTail(folder, "app.log", { checkpointFile })).rejects.toMatchObject({
      notice: { code: "checkpoint_unwritable", path: checkpointFile, reason: "EEXIST" },
    });
  });

  it("knows the patterns: what a new one finds is read from its end, what an old one finds from its beginning", async () => {
    const folder = newFolder();
    const first = await startTail(folder, "a*.log");
    await first.stop();
    addLines(join(folder, "a.log"), "one");
    addLines(join(folder, "b.log"), "old");
    const second = await startTail(folder, ["a*.log", "b*.log"]);
    await second.told("one");
    addLines(join(folder, "b.log"), "new");
    await second.told("one", "new");
  });
});
