import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { addLines, becomeNobody, newFolder, startTail } from "./support.ts";

describe("following a file that grows", () => {
  it("tells lines from the end of what is there at first; a line in two writes comes whole", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    addLines(log, "old");
    const tail = await startTail(folder, "app.log");
    addLines(log, "one", "", "two");
    appendFileSync(log, "thr");
    await tail.told("one", "", "two");
    await tail.reaches({ heldBytes: 3 });
    appendFileSync(log, "ee\r\nfour\r\n");
    await tail.told("one", "", "two", "three", "four");
    expect(tail.alerts.map(({ offset }) => offset)).toEqual([4, 8, 9, 13, 20]);
    expect(tail.alerts[0]).toMatchObject({ file: log, count: 1, kind: "line" });
  });

  it("keeps a line whole that was half written at the first start", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "old\nha");
    const tail = await startTail(folder, "app.log");
    appendFileSync(log, "lf\n");
    await tail.told("half");
  });

  it("reads what is there at first from its beginning when told so", async () => {
    const folder = newFolder();
    addLines(join(folder, "app.log"), "one", "two");
    const tail = await startTail(folder, "app.log", { start: "beginning" });
    await tail.told("one", "two");
  });

  it.each([
    ["utf-8", Buffer.from("결제 승인 😀"), "결제 승인 😀"],
    // 결제 in EUC-KR, 똠 in CP949 only, whose second byte is an ASCII letter.
    ["euc-kr", Buffer.from("b0e1c1a6208c63", "hex"), "결제 똠"],
  ] as const)(
    "keeps a character of %s whole that two writes share",
    async (encoding, bytes, text) => {
      const folder = newFolder();
      const log = join(folder, "app.log");
      writeFileSync(log, "");
      const tail = await startTail(folder, "app.log", { encoding });
      for (const [at, byte] of [...bytes].entries()) {
        appendFileSync(log, Buffer.of(byte));
        await tail.reaches({ heldBytes: at + 1 });
      }
      appendFileSync(log, "\n");
      await tail.told(text);
    },
  );

  it("cuts a line of 10 MB, says so, and goes on behind it", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log");
    const megabyte = Buffer.alloc(1024 * 1024, "한글");
    const file = openSync(log, "a");
    for (let written = 0; written < 10; written++) writeSync(file, megabyte);
    writeSync(file, "\nnext\n");
    await waitFor(() => tail.alerts.length === 2, { what: "two lines" });
    const [long, next] = tail.alerts;
    expect(long?.message).toMatch(/^(한글)+한? … \[cut: the line has 10485760 bytes\]$/);
    expect(Buffer.byteLength(long?.message ?? "")).toBeLessThan(64 * 1024 + 60);
    expect(long).toMatchObject({ cutFrom: 10485760 });
    expect(next).toMatchObject({ message: "next", offset: 10485761 });
    expect(tail.status()).toMatchObject({ cut: 1, seen: 2 });
  });

  it("finds files that appear later from their beginning, in folders that appear later too", async () => {
    const folder = newFolder();
    const tail = await startTail(folder, ["logs/app.log", "days/*/app-?.log"]);
    expect(tail.status().waitingFor).toHaveLength(2);
    mkdirSync(join(folder, "logs"));
    addLines(join(folder, "logs/app.log"), "first");
    await tail.told("first");
    mkdirSync(join(folder, "days/monday"), { recursive: true });
    addLines(join(folder, "days/monday/app-1.log"), "second");
    addLines(join(folder, "days/monday/app-10.log"), "no match for the pattern");
    await tail.told("first", "second");
    rmSync(join(folder, "logs"), { recursive: true });
    await tail.reaches({ files: 1 });
    mkdirSync(join(folder, "logs"));
    addLines(join(folder, "logs/app.log"), "again");
    await tail.told("first", "second", "again");
  });

  it("knows a file again that was gone for a while, as with a disk that is mounted again", async () => {
    const folder = newFolder();
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const log = join(disk, "app.log");
    const tail = await startTail(folder, "disk/*.log");
    addLines(log, "one");
    await tail.told("one");
    renameSync(disk, `${disk}.unmounted`);
    await tail.reaches({ files: 0 });
    renameSync(`${disk}.unmounted`, disk);
    addLines(log, "two");
    await tail.told("one", "two");
  });

  it("sees all by the clock alone, where the system reports no changes", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    const tail = await startTail(folder, "app.log", { watch: false });
    addLines(log, "one");
    await tail.told("one");
    renameSync(log, `${log}.1`);
    addLines(log, "two");
    await tail.told("one", "two");
  });

  it("is woken by the system, long before it would look by itself", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    const tail = await startTail(folder, "app.log", { pollMs: 1e9 });
    addLines(log, "one");
    await tail.told("one");
  });

  it("follows a link to where it leads now, and the file it led to before to its end", async () => {
    const folder = newFolder();
    const [one, two] = [join(folder, "one.txt"), join(folder, "two.txt")];
    writeFileSync(one, "");
    symlinkSync(one, join(folder, "current.log"));
    const tail = await startTail(folder, "current.log");
    addLines(one, "of one");
    await tail.told("of one");
    addLines(one, "last of one");
    addLines(two, "of two");
    symlinkSync(two, join(folder, "new"));
    renameSync(join(folder, "new"), join(folder, "current.log"));
    addLines(one, "late of one");
    await tail.told("of one", "last of one", "late of one", "of two");
  });

  it("reads a file once that several patterns, links and names lead to", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    symlinkSync(log, join(folder, "link.log"));
    const tail = await startTail(folder, ["app.log", "*.log"]);
    addLines(log, "one");
    await tail.settled();
    expect(tail.texts()).toEqual(["one"]);
  });

  it("leaves compressed files out, by name and by what they hold, with one warning", async () => {
    const folder = newFolder();
    const tail = await startTail(folder, "app.log*");
    writeFileSync(join(folder, "app.log.2.gz"), gzipSync("old\n"));
    writeFileSync(join(folder, "app.log.3"), gzipSync("old\n"));
    addLines(join(folder, "app.log"), "one");
    await tail.settled();
    expect(tail.texts()).toEqual(["one"]);
    expect(tail.warnings).toEqual([{ code: "compressed", path: expect.stringMatching(/[23]/) }]);
  });

  it("ends the last line of a deleted file where it stands, and lets go of the file", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log");
    appendFileSync(log, "whole\nunfinished");
    unlinkSync(log);
    await tail.told("whole", "unfinished");
    await tail.reaches({ files: 0, lagBytes: 0 });
    addLines(log, "new");
    await tail.told("whole", "unfinished", "new");
  });

  it("matches a last line that stays unfinished when told to, once, without passing it", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log", {
      partialFlushMs: 60,
      match: (text) => text.includes("Password"),
    });
    appendFileSync(log, "Password:");
    await tail.told("Password:");
    expect(tail.alerts[0]?.partial).toBe(true);
    expect(tail.status().lagBytes).toBe(9);
    appendFileSync(log, " wrong\nno\nPassword ok\n");
    await tail.told("Password:", "Password ok");
    // One that tells nothing yet is matched again when it is complete.
    appendFileSync(log, "the ");
    await tail.reaches({ heldBytes: 4 });
    await tail.settled();
    appendFileSync(log, "Password\n");
    await tail.told("Password:", "Password ok", "the Password");
  });

  it("joins the lines of an entry, and does not wait for ever for its last", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const starts = (text: string) => /^\S/.test(text);
    const tail = await startTail(folder, "app.log", {
      multiline: { starts, idleMs: 100 },
      match: (text) => text.includes("line 3"),
    });
    addLines(log, "Error: one", "  at line 1", "Error: two", "  at line 2");
    appendFileSync(log, "  at li");
    await tail.reaches({ heldBytes: 7 });
    addLines(log, "ne 3");
    await tail.told("Error: two\n  at line 2\n  at line 3");
    await tail.reaches({ lagBytes: 0 });
    expect(tail.alerts[0]).toMatchObject({ offset: 23, count: 1 });
  });

  it("does not read the checkpoint as a log", async () => {
    const folder = newFolder();
    const tail = await startTail(folder, "**");
    addLines(join(folder, "app.log"), "one");
    await tail.settled();
    await tail.stop();
    expect(tail.texts()).toEqual(["one"]);
    expect(tail.warnings.map(({ code }) => code)).toContain("own_file");
  });
});

describe("a file that is written anew", () => {
  it.each([
    ["emptied and written later", "", ["next"]],
    ["emptied and written shorter at once", "x\n", ["x"]],
    ["emptied and written as long at once", "oNe\ntWo\n", ["oNe", "tWo"]],
    ["emptied and written longer at once", "longer\nthan before\n", ["longer", "than before"]],
    ["written anew with the same first line", "one\nand others\n", ["one", "and others"]],
    ["written where the writer was, behind zeros", `${"\0".repeat(8)}late\n`, ["late"]],
    ["written far behind a hole", `${"\0".repeat(700_000)}late\n`, ["late"]],
  ])("%s is read from its beginning", async (_, content, expected) => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log");
    addLines(log, "one", "two");
    await tail.told("one", "two");
    truncateSync(log);
    appendFileSync(log, content);
    if (content === "") {
      await tail.reaches({ rewritten: 1 });
      addLines(log, "next");
    }
    await tail.told("one", "two", ...expected);
    const keys = new Set(tail.alerts.map(({ idempotencyKey }) => idempotencyKey));
    expect(keys.size).toBe(tail.alerts.length);
  });

  // The same in the first 1,024 bytes, or in the last: each alone would be taken for the old file.
  it.each([
    ["behind a banner of 2 KB", (text: string) => `${"banner\n".repeat(300)}${text}\n`],
    ["in front of 2 KB of equal lines", (text: string) => `${text}\n${"equal\n".repeat(400)}`],
  ])("and differs %s only is read from its beginning, though it is longer", async (_, content) => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const match = (text: string) => text.startsWith("run");
    const tail = await startTail(folder, "app.log", { match });
    appendFileSync(log, content("run 1"));
    await tail.told("run 1");
    await tail.reaches({ lagBytes: 0 });
    truncateSync(log);
    appendFileSync(log, `${content("run 2")}${content("run 3")}`);
    await tail.told("run 1", "run 2", "run 3");
  });

  it("tells what was unfinished when it was emptied", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log");
    appendFileSync(log, "unfinished");
    await tail.reaches({ heldBytes: 10 });
    truncateSync(log);
    addLines(log, "new");
    await tail.told("unfinished", "new");
  });
});

it("a file that may not be read is reported, waited for, and read from where it was at the start", async () => {
  becomeNobody();
  const folder = newFolder();
  const log = join(folder, "app.log");
  addLines(log, "old");
  chmodSync(log, 0o200);
  const tail = await startTail(folder, "app.log");
  expect(tail.warnings).toEqual([{ code: "file_unreadable", path: log, reason: "EACCES" }]);
  expect(tail.status().problems).toEqual(tail.warnings);
  addLines(log, "new");
  chmodSync(log, 0o600);
  await tail.told("new");
  await waitFor(() => tail.status().problems.length === 0, { what: "no problem" });
});
