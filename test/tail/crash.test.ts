import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { startSource } from "./source.ts";
import { addLines, newFolder } from "./support.ts";

function startChild(folder: string, url: string, cooldownMs = 0, output = "output.txt") {
  const file = openSync(join(folder, output), "a");
  const args = [resolve("test/tail/tail-child.ts"), folder, url, String(cooldownMs)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", file, file] });
  closeSync(file);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const exited = once(child, "exit");
  child.kill(signal);
  const [code] = await exited;
  return code as number | null;
}

it("killed between sending and the answer, it sends the same alerts with the same keys, and goes on", async () => {
  const folder = newFolder();
  const log = join(folder, "app.log");
  addLines(log, "ERROR 1", "fine", "ERROR 2");
  // The first alert is answered, the second never.
  const source = await startSource(({ body }, response) => {
    if (body.message === "ERROR 1") response.end();
  });
  const first = startChild(folder, source.url);
  await waitFor(() => source.posted.length === 2, { what: "two requests" });
  await end(first, "SIGKILL");
  addLines(log, "ERROR 3");
  source.reply = (_, response) => response.end();
  startChild(folder, source.url);
  await waitFor(() => source.distinct().length === 3, { what: "the third" });
  expect(source.distinct()).toEqual(["ERROR 1", "ERROR 2", "ERROR 3"]);
  const keys = source.posted.filter(({ body }) => body.message === "ERROR 2");
  expect(keys).toHaveLength(2);
  expect(keys[0]?.key).toBe(keys[1]?.key);
});

it("killed at any moment, over and over, it loses no line and makes no key twice", async () => {
  const folder = newFolder();
  const log = join(folder, "app.log");
  const source = await startSource();
  let written = 0;
  for (let round = 0; round < 6; round++) {
    const child = startChild(folder, source.url);
    const until = source.posted.length + 7 * (round + 1);
    await waitFor(
      () => {
        for (let count = 0; count < 5; count++) addLines(log, `ERROR ${written++}`);
        return source.posted.length >= until;
      },
      { what: "some requests", everyMs: 3 },
    );
    await end(child, "SIGKILL");
  }
  const last = startChild(folder, source.url);
  const expected = Array.from({ length: written }, (_, index) => `ERROR ${index}`);
  await waitFor(() => source.distinct().length >= written, { what: "all lines" });
  expect(await end(last, "SIGTERM")).toBe(0);
  expect(source.distinct().toSorted()).toEqual(expected.toSorted());
});

it("SIGTERM sends what is read and what waits for a cool-down, and the next start sends nothing again", async () => {
  const folder = newFolder();
  addLines(join(folder, "app.log"), "ERROR 1", "ERROR 2", "ERROR 3", "fine");
  const held: (() => void)[] = [];
  const source = await startSource((_, response) => held.push(() => response.end()));
  const child = startChild(folder, source.url, 3_600_000);
  await waitFor(() => held.length === 1, { what: "a request" });
  const ended = end(child, "SIGTERM");
  held.shift()?.();
  await waitFor(() => held.length === 1, { what: "the group" });
  held.shift()?.();
  expect(await ended).toBe(0);
  expect(source.posted.map(({ body }) => body.message)).toEqual([
    "ERROR 1",
    expect.stringMatching(/^\+2 more in \d+ s: ERROR 3$/),
  ]);
  const last = JSON.parse(
    readFileSync(join(folder, "output.txt"), "utf8").trim().split("\n").at(-1) ?? "",
  );
  expect(last).toMatchObject({ seen: 4, matched: 3, sent: 3, lagBytes: 0, queued: 0 });
  source.reply = (_, response) => response.end();
  const next = startChild(folder, source.url);
  addLines(join(folder, "app.log"), "ERROR 4");
  await waitFor(() => source.posted.length === 3, { what: "the next" });
  expect(source.posted[2]?.body.message).toBe("ERROR 4");
  expect(await end(next, "SIGTERM")).toBe(0);
  expect(source.posted).toHaveLength(3);
});

it("does not follow its own output", async () => {
  const folder = newFolder();
  const source = await startSource();
  startChild(folder, source.url, 0, "app-own.log");
  const output = () => readFileSync(join(folder, "app-own.log"), "utf8");
  const path = join(folder, "app-own.log");
  const warning = JSON.stringify({ code: "own_file", path });
  await waitFor(() => output().includes(warning), { what: "the warning" });
  addLines(join(folder, "app.log"), "ERROR 1");
  await waitFor(() => source.posted.length > 0, { what: "a request" });
  const { length } = output();
  await waitFor(() => output().length > length + 2000, { what: "more output" });
  expect(source.distinct()).toEqual(["ERROR 1"]);
});
