import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { waitFor } from "../support/wait-for.ts";
import { addLines, newFolder, startTail } from "./support.ts";

/** As logrotate does: `.2` is deleted, `.1` becomes `.2`, the file becomes `.1`. */
function rotate(log: string, keep = 9): void {
  for (let number = keep; number >= 1; number--) {
    if (!existsSync(`${log}.${number}`)) continue;
    if (number === keep) unlinkSync(`${log}.${number}`);
    else renameSync(`${log}.${number}`, `${log}.${number + 1}`);
  }
  renameSync(log, `${log}.1`);
}

function copyTruncate(log: string): void {
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
}

/** Lines of which 40 make more than a fingerprint. */
function manyLines(name: string, count = 40): string[] {
  return Array.from({ length: count }, (_, index) => `${name} ${index} ${"x".repeat(40)}`);
}

describe("while it runs", () => {
  it("reads a renamed file to its end, late writers too, then the new one from its beginning", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log");
    const writer = openSync(log, "a");
    writeSync(writer, "one\nlast of old\n");
    rotate(log);
    addLines(log, "first of new");
    await tail.told("one", "last of old", "first of new");
    writeSync(writer, "late\nunfinished");
    await tail.told("one", "last of old", "first of new", "late", "unfinished");
    await tail.reaches({ files: 1, lagBytes: 0 });
    expect(tail.alerts.map(({ file }) => file)).toEqual(Array(5).fill(log));
  });

  it("reads nothing of the new file before the end of the old one, however long that is", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log");
    addLines(log, ...manyLines("old", 8000));
    rotate(log);
    addLines(log, "new");
    await tail.reaches({ sent: 8001 });
    expect(tail.texts()).toEqual([...manyLines("old", 8000), "new"]);
  });

  it("recovers when the new file comes much later than the rename", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log");
    addLines(log, "old");
    rotate(log);
    await tail.told("old");
    await tail.reaches({ files: 0 });
    addLines(log, "new");
    await tail.told("old", "new");
  });

  it("finds the file in the middle of two rotations inside one look, and no older ones", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    addLines(`${log}.1`, "ancient");
    addLines(log, "before the start");
    const tail = await startTail(folder, "app.log");
    addLines(log, "one");
    rotate(log);
    addLines(log, "middle");
    rotate(log);
    addLines(log, "new");
    await tail.told("one", "middle", "new");
    // And again, with files on whose inodes others have been.
    await tail.reaches({ files: 1 });
    rotate(log, 3);
    addLines(log, "second middle");
    rotate(log, 3);
    addLines(log, "newest");
    await tail.told("one", "middle", "new", "second middle", "newest");
  });

  it("keeps two files apart that begin with the same lines", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log");
    addLines(log, "# header", "same");
    await tail.told("# header", "same");
    rotate(log);
    addLines(log, "# header", "same", "other");
    await tail.told("# header", "same", "# header", "same", "other");
    const keys = new Set(tail.alerts.map(({ idempotencyKey }) => idempotencyKey));
    expect(keys.size).toBe(5);
  });

  it("follows a renamed file under its new name when the pattern leads there, without reading it again", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log*");
    const writer = openSync(log, "a");
    writeSync(writer, "one\n");
    rotate(log);
    addLines(log, "new");
    await tail.told("one", "new");
    await tail.settled();
    writeSync(writer, "very late\n");
    await tail.told("one", "new", "very late");
    expect(tail.status().files).toBe(2);
  });

  it.each(["app.log", "app.log*"])(
    "%s: copytruncate with unread lines loses none and repeats none",
    async (pattern) => {
      const folder = newFolder();
      const log = join(folder, "app.log");
      writeFileSync(log, "");
      const tail = await startTail(folder, pattern);
      const [before, unread] = [manyLines("before"), manyLines("unread")];
      addLines(log, ...before);
      await tail.told(...before);
      await tail.reaches({ lagBytes: 0 });
      addLines(log, ...unread);
      copyTruncate(log);
      addLines(log, "new");
      await tail.told(...before, ...unread, "new");
      await tail.settled();
      expect(tail.texts()).toHaveLength(81);
    },
  );

  it("waits for a copy that is still being written", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const tail = await startTail(folder, "app.log*", { graceMs: 2000 });
    const lines = manyLines("before", 80);
    addLines(log, ...lines);
    await tail.told(...lines);
    await tail.reaches({ lagBytes: 0 });
    const [half, rest] = [lines.slice(0, 40), lines.slice(40)];
    addLines(`${log}.1`, ...half);
    await tail.settled();
    addLines(`${log}.1`, ...rest, "only in the copy");
    truncateSync(log);
    addLines(log, "new");
    await waitFor(() => tail.texts().length >= 82, { what: "the rest" });
    await tail.settled();
    expect(tail.texts().slice(80).sort()).toEqual(["new", "only in the copy"]);
  });
});

describe("while nothing runs", () => {
  it("goes on where it was acknowledged", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const first = await startTail(folder, "app.log");
    addLines(log, "one");
    appendFileSync(log, "tw");
    await first.told("one");
    await first.stop();
    appendFileSync(log, "o\nthree\n");
    const second = await startTail(folder, "app.log");
    await second.told("two", "three");
    expect(second.warnings).toEqual([]);
  });

  it("reads every generation that was rotated meanwhile, from the right place, in order", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    addLines(`${log}.1`, "ancient");
    writeFileSync(log, "");
    const first = await startTail(folder, "app.log");
    addLines(log, "one");
    await first.told("one");
    await first.stop();
    addLines(log, "two");
    for (const name of ["three", "four", "five"]) {
      rotate(log);
      addLines(log, name);
    }
    // The file system's clock is coarse; rotations are further apart than this.
    for (const [number, age] of [3, 2, 1].map((one) => [one, one * 10] as const)) {
      const at = Date.now() / 1000 - age;
      utimesSync(`${log}.${number}`, at, at);
    }
    utimesSync(`${log}.4`, 1e9, 1e9);
    const second = await startTail(folder, "app.log");
    await second.told("two", "three", "four", "five");
    await second.reaches({ files: 1 });
    await second.stop();
    const third = await startTail(folder, "app.log");
    await third.settled();
    expect(third.texts()).toEqual([]);
  });

  it("finds the rest in a copy after copytruncate", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const first = await startTail(folder, "app.log");
    const before = manyLines("before");
    addLines(log, ...before);
    await first.told(...before);
    await first.stop();
    addLines(log, "unread");
    copyTruncate(log);
    addLines(log, ...manyLines("new"));
    const second = await startTail(folder, "app.log");
    await second.told("unread", ...manyLines("new"));
  });

  it("reads a file that was written anew from its beginning, and warns of what is gone", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const first = await startTail(folder, "app.log");
    addLines(log, "same");
    await first.told("same");
    await first.stop();
    writeFileSync(log, "same\nother\n");
    truncateSync(log);
    writeFileSync(log, "Same\nother\n");
    const second = await startTail(folder, "app.log");
    await second.told("Same", "other");
    expect(second.warnings).toEqual([{ code: "file_rewritten", path: log, offset: 5 }]);
  });

  it("takes no other file for the one it read, though it begins with the same line, and warns when that is compressed", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const first = await startTail(folder, "app.log");
    addLines(log, "same");
    await first.told("same");
    await first.stop();
    writeFileSync(`${log}.2.gz`, gzipSync("same\n"));
    addLines(`${log}.1`, "same", "between");
    // A new inode, as long as the old one exists.
    writeFileSync(`${log}.new`, "same\nother\n");
    renameSync(`${log}.new`, log);
    const second = await startTail(folder, "app.log");
    await second.told("same", "between", "same", "other");
    expect(second.warnings).toEqual([{ code: "file_replaced", path: log, offset: 5 }]);
  });

  it("waits for a file whose disk is not mounted yet, and goes on in it", async () => {
    const folder = newFolder();
    const disk = join(folder, "disk");
    mkdirSync(disk);
    writeFileSync(join(disk, "app.log"), "");
    const first = await startTail(folder, "disk/app.log");
    addLines(join(disk, "app.log"), "one");
    await first.told("one");
    await first.stop();
    addLines(join(disk, "app.log"), "two");
    renameSync(disk, `${disk}.unmounted`);
    mkdirSync(disk);
    const second = await startTail(folder, "disk/app.log");
    expect(second.status().waitingFor).toHaveLength(1);
    rmSync(disk, { recursive: true });
    renameSync(`${disk}.unmounted`, disk);
    await second.told("two");
  });

  it("tells the backlog's old lines in one alert when told so, and young ones one by one", async () => {
    const folder = newFolder();
    const log = join(folder, "app.log");
    writeFileSync(log, "");
    const first = await startTail(folder, "app.log");
    await first.stop();
    const young = new Date(Date.now() - 60_000).toISOString();
    addLines(log, "2020-01-01T00:00:00Z old", "2020-01-01T00:00:01Z older", `${young} young`);
    const second = await startTail(folder, "app.log", { maxBacklogAgeMs: 3_600_000 });
    const digest =
      "2 matching lines from before the start, more than 1 h old, not told one by one. The last: 2020-01-01T00:00:01Z older";
    await second.told(`${young} young`, digest);
    expect(second.alerts[1]).toMatchObject({ kind: "backlog", count: 2, offset: 0 });
    await second.reaches({ lagBytes: 0, tooOld: 2 });
    addLines(log, "2020-01-01T00:00:02Z written now");
    await waitFor(() => second.texts().includes("2020-01-01T00:00:02Z written now"), {
      what: "what is written now, whatever time it names",
    });
  });
});
