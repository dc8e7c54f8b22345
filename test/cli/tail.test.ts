import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { atEndOfFile } from "../support/at-end.ts";
import { waitFor } from "../support/wait-for.ts";
import { startSource } from "../tail/source.ts";
import { addLines, newFolder } from "../tail/support.ts";
import { inFolder, runProgram, startApi, startProgram } from "./tail-program.ts";

// Each test has a folder and a source of its own, and mostly waits: they run beside each other.
const KEY = { BATON_API_KEY: "bt_good" };

it.concurrent("finds the source among pages of others, posts with the sender's key, and ends with 0", async () => {
  const source = await startSource();
  const api = await startApi([
    { slug: "other", url: "http://other.test/" },
    { slug: "logs", url: source.url, dedup: { from: "header:idempotency-key" } },
  ]);
  const folder = newFolder();
  addLines(join(folder, "app.log"), "ERROR before");
  const args = inFolder(folder, "--source", "logs", "--header", "x-team: ops");
  const program = startProgram(args, { ...KEY, BATON_URL: api.url, BATON_SENDER_KEY: "snd_1" });
  await program.looked();
  addLines(join(folder, "app.log"), "ERROR 1");
  await waitFor(() => source.posted.length === 1, { what: "an alert", explain: program.err });
  expect(source.posted[0]?.headers).toMatchObject({ "x-baton-sender": "snd_1", "x-team": "ops" });
  expect(source.posted[0]?.key).toMatch(/^[0-9a-f]{64}$/);
  expect(await program.end("SIGTERM")).toBe(0);
  expect(program.err()).toContain("Stopped. 1 line sent, no alert left.");
  expect(program.err()).not.toMatch(/snd_1|bt_good|repeated alerts/);
  expect(source.distinct()).toEqual(["ERROR 1"]);
});

it.concurrent("warns of a source that would not take alerts as they are", async () => {
  const source = await startSource();
  const open = { slug: "logs", url: source.url, enabled: false, requireSender: true };
  const api = await startApi([{ ...open, dedup: { from: "body" } }]);
  const program = startProgram(inFolder(newFolder(), "--source", "logs"), {
    ...KEY,
    BATON_URL: api.url,
  });
  await program.looked();
  for (const text of ["baton sources update logs --data", "is disabled", "--sender-key"]) {
    expect(program.err()).toContain(text);
  }
});

it.concurrent("an API that is away at the start costs no line", async () => {
  const source = await startSource();
  const api = await startApi([{ slug: "logs", url: source.url }]);
  api.status = 503;
  const folder = newFolder();
  addLines(join(folder, "app.log"), "old");
  const program = startProgram(inFolder(folder, "--source", "logs"), {
    ...KEY,
    BATON_URL: api.url,
  });
  await program.looked();
  addLines(join(folder, "app.log"), "ERROR 1");
  await program.says('"problems":[{"code":"api_answered"');
  api.status = 200;
  await waitFor(() => source.posted.length === 1, { what: "the alert", explain: program.err });
  expect(await program.end("SIGINT")).toBe(0);
});

it.concurrent("stopped while an API is slow, it ends at once and calls that no fault", async () => {
  let isAsked = false;
  const server = createServer(() => {
    isAsked = true;
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  atEndOfFile(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const env = { ...KEY, BATON_URL: `http://127.0.0.1:${port}` };
  const program = startProgram(inFolder(newFolder(), "--source", "logs"), env);
  await waitFor(() => isAsked, { what: "a request", explain: program.err });
  expect(await program.end("SIGTERM")).toBe(0);
  expect(program.err()).toContain("Stopped. 0 lines sent, no alert left.");
  expect(program.err()).not.toMatch(/cannot be reached|Following/);
});

it.concurrent.each([
  ["an unknown source", "nothing", KEY.BATON_API_KEY, 1, "baton sources create --slug nothing"],
  ["a wrong key", "logs", "bt_bad", 4, "Give a key with the scope read"],
])("does not begin with %s", async (_, slug, key, code, text) => {
  const api = await startApi([{ slug: "logs", url: "http://logs.test/" }]);
  const folder = newFolder();
  const run = await runProgram(inFolder(folder, "--source", slug), {
    BATON_URL: api.url,
    BATON_API_KEY: key,
  });
  expect(run).toMatchObject({ code, out: "" });
  expect(run.err).toContain(text);
  expect(run.err.trim().split("\n")).toHaveLength(1);
});

it.concurrent("what cannot be used is one line and 2, in Korean too", async () => {
  const run = await runProgram(["--match", "x"], { BATON_LANG: "ko" });
  expect(run).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^baton: 파일이 없습니다\..*\n$/),
  });
  expect((await runProgram(["--no-such-flag"])).code).toBe(2);
});

it.concurrent("warns in Korean; its JSON has code, values and an English text", async () => {
  const source = await startSource((_, response) => response.writeHead(404).end("gone"));
  const folder = newFolder();
  writeFileSync(join(folder, "old.log"), Buffer.of(0x1f, 0x8b, 8, 0));
  addLines(join(folder, "app.log"), "ERROR 1");
  const args = inFolder(folder, "--source", source.url, "--from", "beginning");
  const program = startProgram(args, { BATON_LANG: "ko" });
  await program.says("baton: 소스가 404(으)로 답했습니다: gone. 그런 소스가 없습니다.");
  expect(program.err()).toContain(`baton: ${join(folder, "old.log")} 파일은 압축되어 있어`);
  await program.says('"problems":[{');
  expect(program.status().problems).toEqual([
    {
      code: "source_refused",
      status: 404,
      text: "gone",
      retrySeconds: 60,
      message:
        "The source answered 404: gone. There is no such source: check its name, or create it. The next try is in 60 s.",
    },
  ]);
  expect(program.err()).not.toMatch(/baton: (The|\/.* is)/);
});

it.concurrent("two agents cannot share a checkpoint, and the status says who has it", async () => {
  const source = await startSource();
  const args = inFolder(newFolder(), "--source", source.url);
  const first = startProgram(args);
  await first.looked();
  const second = await runProgram(args);
  expect(second.code).toBe(1);
  expect(second.err).toContain(`Process ${first.child.pid} already works with the checkpoint`);
  const status = () => runProgram(["--status", "--json", ...args.slice(1, 3)]);
  expect(JSON.parse((await status()).out)).toMatchObject({ running: true, pid: first.child.pid });
  await first.end("SIGKILL");
  expect((await status()).code).toBe(1);
  const third = startProgram(args);
  await third.looked();
  expect(await third.end("SIGTERM")).toBe(0);
  expect(JSON.parse((await status()).out)).toMatchObject({ running: false, state: "stopped" });
});

it.concurrent("a second signal ends it at once, and the next start sends what was left", async () => {
  const source = await startSource(() => {});
  const folder = newFolder();
  const args = inFolder(folder, "--source", source.url, "--from", "beginning");
  addLines(join(folder, "app.log"), "ERROR 1");
  const first = startProgram(args);
  await waitFor(() => source.posted.length === 1, { what: "the request", explain: first.err });
  first.child.kill("SIGTERM");
  await first.says("Stopping");
  expect(await first.end("SIGTERM")).toBe(130);
  source.reply = (_, response) => response.end();
  const second = startProgram(args);
  await waitFor(() => source.posted.length === 2, { what: "it again", explain: second.err });
  expect(source.posted[1]?.key).toBe(source.posted[0]?.key);
});

it.concurrent("stops within its time though nobody answers, says what is left, and ends with 5", async () => {
  const source = await startSource(() => {});
  const folder = newFolder();
  const args = inFolder(folder, "--source", source.url, "--from", "beginning");
  addLines(join(folder, "app.log"), "ERROR 1", "ERROR 2");
  const program = startProgram(args);
  await waitFor(() => source.posted.length === 2, { what: "the requests", explain: program.err });
  expect(await program.end("SIGTERM")).toBe(5);
  expect(program.err()).toContain("Stopped with 2 alerts not acknowledged (16 bytes of the files)");
});

it.concurrent("a checkpoint that cannot be written, or read, is said at the start", async () => {
  const folder = newFolder();
  const source = ["--source", "http://127.0.0.1:1/in/x", "--match", "x"];
  writeFileSync(join(folder, "file"), "");
  const inFile = await runProgram([folder, ...source, "--checkpoint", join(folder, "file", "x")]);
  expect(inFile).toMatchObject({ code: 1, err: expect.stringContaining("--checkpoint FILE") });
  const isFolder = await runProgram([folder, ...source, "--checkpoint", folder]);
  expect(isFolder).toMatchObject({ code: 1, err: expect.stringContaining("The checkpoint") });
});

it.concurrent("does not follow what it writes itself, in whatever folder", async () => {
  const source = await startSource();
  const folder = newFolder();
  const args = ["--source", source.url, "--match", "/./", "--cooldown", "0", "--status-json", "1"];
  const checkpoint = ["--checkpoint", join(folder, "tail.json")];
  const program = startProgram([join(folder, "*"), ...checkpoint, ...args]);
  await program.looked();
  addLines(join(folder, "app.log"), "one");
  await waitFor(() => source.posted.length > 0, { what: "an alert", explain: program.err });
  // The status file is written every 5 s: two of them lie in this time.
  const writes = () => program.err().split('"seen":').length;
  const since = writes();
  await waitFor(() => writes() >= since + 7, { what: "more status" });
  expect(source.distinct()).toEqual(["one"]);
});

it.concurrent("goes on when nobody reads what it says any more", async () => {
  const source = await startSource();
  const folder = newFolder();
  addLines(join(folder, "app.log"), "old");
  const program = startProgram(inFolder(folder, "--source", source.url));
  await program.looked();
  program.child.stderr.destroy();
  // Some seconds of JSON that cannot be written lie between the two.
  addLines(join(folder, "app.log"), "ERROR 1");
  await waitFor(() => source.posted.length === 1, { what: "the first" });
  const checkpoint = inFolder(folder).slice(1, 3);
  const updatedAt = async () => {
    const { out } = await runProgram(["--status", "--json", ...checkpoint]);
    return (JSON.parse(out) as { updatedAt: string }).updatedAt;
  };
  const before = await updatedAt();
  await waitFor(async () => (await updatedAt()) !== before, { what: "another status" });
  addLines(join(folder, "app.log"), "ERROR 2");
  await waitFor(() => source.posted.length === 2, { what: "the second" });
  expect(await program.end("SIGTERM")).toBe(0);
});
