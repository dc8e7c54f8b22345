// What happens once in a year of running: disks with faults, inodes that come again, rights that change.
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Checkpoint, SavedFile } from "../../src/tail/checkpoint.ts";
import { SYSTEM_CLOCK } from "../../src/tail/clock.ts";
import { MAX_OPEN_FILES, MAX_QUEUED_ALERTS, MAX_SEEN_FILES } from "../../src/tail/constants.ts";
import { fingerprintOf, NO_FINGERPRINT } from "../../src/tail/fingerprint.ts";
import { lookForFiles } from "../../src/tail/look-for-files.ts";
import { postAlerts } from "../../src/tail/post-alerts.ts";
import { resumeSaved } from "../../src/tail/resume-saved.ts";
import { readOptions } from "../../src/tail/settings.ts";
import { newTail } from "../../src/tail/tail.ts";
import { waitFor } from "../support/wait-for.ts";
import { startSource } from "./source.ts";
import { addLines, becomeNobody, newFolder, startTail } from "./support.ts";

/** A regular file that can be opened, and no byte of it read. */
const BROKEN = "/proc/self/mem";

function openDescriptors(target: string): number {
  return readdirSync("/proc/self/fd").filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).endsWith(target);
    } catch {
      return false;
    }
  }).length;
}

function keyOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev}:${ino}`;
}

function savedFile(path: string, key: string, text: string, more: Partial<SavedFile> = {}) {
  const head = fingerprintOf(Buffer.from(text));
  const offset = text.length;
  return { contentId: `of ${path}`, path, key, head, offset, before: head, mtimeNs: "1", ...more };
}

/** A tail that has not begun to look. */
function tailOf(folder: string, checkpoint: Partial<Checkpoint>, clock = SYSTEM_CLOCK) {
  const settings = readOptions({
    patterns: [join(folder, "*.log")],
    checkpointFile: join(folder, "state", "checkpoint.json"),
    match: () => true,
  });
  const saved: Checkpoint = { version: 1, patterns: [], files: [], seen: [], ...checkpoint };
  const tail = newTail(settings, clock, saved, () => {});
  onTestFinished(async () => {
    for (const { handle } of tail.files.values()) await handle.close();
  });
  return tail;
}

describe("a file on the inode of another", () => {
  it.each([true, false])(
    "that is waited for is followed nevertheless (read to its end: %s)",
    async (isRead) => {
      const folder = newFolder();
      const first = await startTail(folder, "*.log");
      await first.stop();
      const log = join(folder, "new.log");
      addLines(log, "ERROR 1");
      const path = join(folder, "state", "checkpoint.json");
      const checkpoint = JSON.parse(readFileSync(path, "utf8")) as Checkpoint;
      const moved = savedFile(join(folder, "moved.log"), keyOf(log), "other text\n", { isRead });
      writeFileSync(path, JSON.stringify({ ...checkpoint, files: [moved] }));
      const second = await startTail(folder, "*.log");
      await second.told("ERROR 1");
    },
  );

  it("is another file though, when it was only renamed: it is read on where it was left", async () => {
    const folder = newFolder();
    const tail = await startTail(folder, "*.log");
    addLines(join(folder, "a.log"), "one");
    await tail.told("one");
    renameSync(join(folder, "a.log"), join(folder, "a.away"));
    await tail.reaches({ files: 0 });
    renameSync(join(folder, "a.away"), join(folder, "b.log"));
    addLines(join(folder, "b.log"), "two");
    await tail.told("one", "two");
  });
});

describe("a disk with faults", () => {
  it("takes no descriptor for each try, and its problem ends with the file", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    symlinkSync(BROKEN, log);
    const tail = await startTail(folder, "app.log");
    await tail.settled();
    expect(tail.warnings).toEqual([{ code: "file_unfollowed", path: log, reason: "EIO" }]);
    expect(openDescriptors("/mem")).toBe(0);
    unlinkSync(log);
    await waitFor(() => tail.status().problems.length === 0, { what: "no problem" });
  });

  it("takes none for rotated files and for copies, whose problem ends with them, too", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    // The broken file is as old as this process, which must not be too old.
    const tail = await startTail(folder, "app.log", { graceMs: 3_600_000 });
    addLines(log, "one");
    await tail.told("one");
    symlinkSync(BROKEN, `${log}.1`);
    renameSync(log, join(folder, "elsewhere"));
    addLines(log, "two");
    await tail.told("one", "two");
    expect(tail.warnings).toEqual([
      { code: "generation_unreadable", path: `${log}.1`, reason: "EIO" },
    ]);
    expect(openDescriptors("/mem")).toBe(0);
    unlinkSync(`${log}.1`);
    await waitFor(() => tail.status().problems.length === 0, { what: "no problem" });
  });

  it("is warned of once, and read on where it was left when it is well", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    let isBroken = true;
    let tries = 0;
    const match = () => {
      tries++;
      if (isBroken) throw new Error("EIO");
      return true;
    };
    const tail = await startTail(folder, "app.log", { match });
    addLines(log, "one");
    await waitFor(() => tries >= 4, { what: "some tries" });
    expect(tail.warnings).toEqual([{ code: "reading_failed", path: log, reason: "EIO" }]);
    isBroken = false;
    await tail.told("one");
    await waitFor(() => tail.status().problems.length === 0, { what: "no problem" });
  });

  it("costs no saved place when a file fails just as it is opened again", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    addLines(log, "one", "two");
    const saved = savedFile(log, keyOf(log), "one\n");
    let isBroken = false;
    const monotonic = () => {
      if (isBroken) throw new Error("EIO");
      return 0;
    };
    const tail = tailOf(folder, { files: [saved] }, { ...SYSTEM_CLOCK, monotonic });
    isBroken = true;
    await resumeSaved(tail);
    expect(tail.unopened).toEqual([saved]);
    isBroken = false;
    await resumeSaved(tail);
    expect(tail.unopened).toEqual([]);
    expect([...tail.files.values()].map(({ reached }) => reached.offset)).toEqual([4]);
  });
});

it("a file in a folder that may not be listed is followed, also after a restart", async () => {
  becomeNobody();
  const folder = newFolder();
  const secret = join(folder, "secret");
  mkdirSync(secret);
  const log = join(secret, "app.log");
  writeFileSync(log, "");
  chmodSync(secret, 0o300);
  onTestFinished(() => chmodSync(secret, 0o700));
  const first = await startTail(folder, "secret/app.log");
  addLines(log, "one");
  await first.told("one");
  await first.stop();
  addLines(log, "two");
  const second = await startTail(folder, "secret/app.log");
  await second.told("two");
  expect(second.warnings).toEqual([{ code: "folder_unlisted", path: secret, reason: "EACCES" }]);
  expect(second.status().problems).toEqual([]);
});

describe("copytruncate", () => {
  const banner = "banner\n".repeat(300);

  it("loses none though the new content begins like the old and is longer", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const match = (text: string) => text !== "banner";
    const tail = await startTail(folder, "app.log", { match });
    appendFileSync(log, `${banner}one\n`);
    await tail.told("one");
    await tail.reaches({ lagBytes: 0 });
    const late = Date.now() + 10;
    await waitFor(() => Date.now() > late, { what: "another mtime", everyMs: 5 });
    addLines(log, "unread");
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    const copied = statSync(`${log}.1`, { bigint: true }).mtimeNs;
    await waitFor(
      () => {
        writeFileSync(log, `${banner}two\n${"x".repeat(3000)}\nthree\n`);
        return statSync(log, { bigint: true }).mtimeNs > copied;
      },
      { what: "a later mtime", everyMs: 1 },
    );
    await tail.told("one", "unread", "two", "x".repeat(3000), "three");
  });

  it("twice while nothing can be sent loses none of what stood between", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    const tail = await startTail(folder, "app.log", { deliver: () => opened });
    const many = Array.from({ length: 3 * MAX_QUEUED_ALERTS }, (_, number) => `line ${number}`);
    addLines(log, ...many);
    await tail.reaches({ queued: MAX_QUEUED_ALERTS });
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    addLines(log, "between");
    renameSync(`${log}.1`, `${log}.2`);
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    addLines(log, "now");
    open();
    await tail.told(...many, "between", "now");
    await tail.settled();
    expect(tail.texts()).toHaveLength(many.length + 2);
  });
});

it("more files than may be open: the problem ends when there is room", async () => {
  const folder = newFolder();
  const pathOf = (number: number) => join(folder, `app-${number}.log`);
  /** The last file that may be open counts a moment before the one too many is found. */
  const tooManyIsTold = async ({ warnings }: Awaited<ReturnType<typeof startTail>>) => {
    await waitFor(() => warnings.length > 0, { what: "the warning" });
    expect(warnings.map(({ code }) => code)).toEqual(["too_many_files"]);
  };
  for (let number = 0; number <= MAX_OPEN_FILES; number++) addLines(pathOf(number), "old");
  const first = await startTail(folder, "app-*.log");
  await first.reaches({ files: MAX_OPEN_FILES });
  await tooManyIsTold(first);
  await first.stop();
  // Again, with all of them in the checkpoint.
  const tail = await startTail(folder, "app-*.log");
  await tail.reaches({ files: MAX_OPEN_FILES });
  await tooManyIsTold(tail);
  unlinkSync(pathOf(0));
  await waitFor(() => tail.status().problems.length === 0, { what: "no problem" });
  for (let number = 1; number <= MAX_OPEN_FILES; number++) addLines(pathOf(number), "new");
  await tail.reaches({ sent: MAX_OPEN_FILES });
});

it("of what the checkpoint remembers, what was read to its end is forgotten first", async () => {
  const folder = newFolder();
  const waiting = savedFile(join(folder, "disk/app.log"), "1:1", "one\n");
  const read = Array.from({ length: MAX_SEEN_FILES + 50 }, (_, number) =>
    savedFile(join(folder, `gone-${number}`), `1:${number + 2}`, "", {
      head: NO_FINGERPRINT,
      isRead: true,
    }),
  );
  const tail = tailOf(folder, { files: [waiting, ...read] });
  await lookForFiles(tail);
  expect(tail.unopened).toEqual([waiting, ...read.slice(50)]);
});

it("does not read the checkpoint as a log, whatever path leads to it", async () => {
  const folder = newFolder();
  mkdirSync(join(folder, "state"));
  symlinkSync(join(folder, "state"), join(folder, "link"));
  const checkpointFile = join(folder, "link", "checkpoint.json");
  const tail = await startTail(folder, ["state/*.json", "app.log"], { checkpointFile });
  addLines(join(folder, "app.log"), "one");
  await tail.told("one");
  await tail.settled();
  expect(tail.texts()).toEqual(["one"]);
});

it("an answer that never ends holds nothing up", async () => {
  let isClosed = false;
  const source = await startSource((_, response) => {
    response.writeHead(200);
    const chunk = Buffer.alloc(16 * 1024, "x");
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", write).on("close", () => {
      isClosed = true;
    });
    write();
  });
  const folder = newFolder();
  const log = join(folder, "app.log");
  writeFileSync(log, "");
  const tail = await startTail(folder, "app.log", { deliver: postAlerts({ url: source.url }) });
  addLines(log, "one");
  await tail.told("one");
  await waitFor(() => isClosed, { what: "the connection to be closed" });
});
