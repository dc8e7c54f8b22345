import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Output } from "../../src/cli/tail-deps.ts";
import { cutToColumns, TailDisplay } from "../../src/cli/tail-display.ts";
import { lockCheckpoint } from "../../src/cli/tail-lock.ts";
import { statusFileOf } from "../../src/cli/tail-paths.ts";
import { statusLine } from "../../src/cli/tail-say-status.ts";
import { showTailStatus } from "../../src/cli/tail-show-status.ts";
import { writeStatusFile } from "../../src/cli/tail-status-file.ts";
import { TAIL_TEXTS } from "../../src/cli/tail-texts.ts";
import type { Notice, Status } from "../../src/tail/index.ts";
import { newFolder } from "../tail/support.ts";

const STATUS: Status = {
  files: 2,
  lagBytes: 1536,
  heldBytes: 0,
  seen: 10,
  matched: 3,
  sent: 2,
  alerts: 2,
  cut: 0,
  tooOld: 0,
  rewritten: 0,
  rotated: 1,
  queued: 1,
  waitingFor: [],
  problems: [],
  lastAcknowledgedAt: Date.parse("2026-02-12T12:34:56.789Z"),
};
const REFUSED: Notice = { code: "source_refused", status: 401, text: "no", retrySeconds: 60 };
// The lock is this process's, and so is the file.
const AGENT = { pid: process.pid, host: "web-1", source: "alerts", startedAt: 0 };

type Asked = { problems?: Notice[]; writtenAt?: number; isRunning?: boolean };

/** Asks for the status that an agent wrote. */
async function ask(asked: Asked, isJson = false, language: "en" | "ko" = "en") {
  const { problems = [], writtenAt = Date.now(), isRunning = true } = asked;
  const file = join(newFolder(), "tail.json");
  writeStatusFile(file, AGENT, "running", { ...STATUS, problems }, writtenAt);
  const lock = isRunning ? await lockCheckpoint(file) : undefined;
  const stdout = new PassThrough();
  const code = await showTailStatus(file, isJson, { language, stdout });
  if (lock?.ok) lock.release();
  return { code, out: String(stdout.read()) };
}

describe("--status", () => {
  it("is 0 for an agent that runs and is well", async () => {
    const { code, out } = await ask({});
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`^running \\(pid ${process.pid} on web-1, written \\d s ago\\) → alerts\\n`),
    );
    expect(out).toMatch(
      /2 files · lag 1\.5 KiB · lines 10 seen, 3 matched, 2 sent · last acknowledged \d+ s ago\n$/,
    );
  });

  it("is 1 for one that is killed, hangs, or has a problem", async () => {
    const killed = await ask({ isRunning: false });
    expect([killed.code, killed.out]).toEqual([1, expect.stringContaining("not running (last")]);
    const hangs = await ask({ writtenAt: Date.now() - 61_000 });
    expect([hangs.code, hangs.out]).toEqual([
      1,
      expect.stringContaining(`look at process ${process.pid}`),
    ]);
    const ill = await ask({ problems: [REFUSED] });
    expect([ill.code, ill.out]).toEqual([
      1,
      expect.stringContaining("! The source answered 401: no. Its verification"),
    ]);
  });

  it("is none while one that has just started has only the words of one that was killed", async () => {
    const file = join(newFolder(), "tail.json");
    const former = { ...AGENT, pid: process.pid + 1 };
    writeStatusFile(file, former, "running", STATUS, Date.now());
    const lock = await lockCheckpoint(file);
    const asked = showTailStatus(file, true, { language: "en", stdout: new PassThrough() });
    await expect(asked).rejects.toThrow("No agent has written");
    if (lock.ok) lock.release();
  });

  it("is one line of JSON when asked for", async () => {
    const { code, out } = await ask({}, true);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      running: true,
      pid: process.pid,
      source: "alerts",
      lagBytes: 1536,
      queued: 1,
      lastLineAt: null,
      lastAcknowledgedAt: "2026-02-12T12:34:56.789Z",
    });
  });

  it("says what is wrong in the language of who asks; as JSON by code, with values and in English", async () => {
    const problems = [REFUSED];
    const { out } = await ask({ problems }, false, "ko");
    expect(out).toContain("! 소스가 401(으)로 답했습니다: no. 소스의 검증이");
    const json = await ask({ problems }, true, "ko");
    expect(JSON.parse(json.out)).toMatchObject({
      problems: [{ ...REFUSED, message: expect.stringContaining("The source answered 401: no.") }],
    });
  });

  it("says a problem that only another version knows as that one did", async () => {
    const file = join(newFolder(), "tail.json");
    writeStatusFile(file, AGENT, "running", { ...STATUS, problems: [REFUSED] }, Date.now());
    const path = statusFileOf(file);
    writeFileSync(path, readFileSync(path, "utf8").replace("source_refused", "source_moved"));
    const stdout = new PassThrough();
    await showTailStatus(file, false, { language: "ko", stdout });
    expect(String(stdout.read())).toContain("! The source answered 401: no.");
  });

  it("speaks Korean", async () => {
    const { out } = await ask({}, false, "ko");
    expect(out).toContain(`실행 중 (pid ${process.pid}`);
    expect(out).toContain("파일 2개 · 남음 1.5 KiB · 읽은 줄 10, 맞은 줄 3, 보낸 줄 2");
  });

  it.each([
    ["missing", undefined],
    ["broken", '{"pid":'],
    ["another's", '{"pid":1}'],
  ])("says what to do when the file is %s", async (_, text) => {
    const file = join(newFolder(), "tail.json");
    if (text !== undefined) writeFileSync(statusFileOf(file), text);
    const stdout = new PassThrough();
    await expect(showTailStatus(file, false, { language: "en", stdout })).rejects.toMatchObject({
      exitCode: 1,
      message: `No agent has written ${file}.status yet. Start one, or name its checkpoint: --checkpoint FILE`,
    });
  });
});

describe("while it runs", () => {
  it("a terminal has one line, drawn anew, and messages above it", () => {
    const out: PassThrough & Output = new PassThrough();
    out.isTTY = true;
    out.columns = 30;
    const display = new TailDisplay(out, TAIL_TEXTS.en, 0, 0);
    display.show(STATUS, 1000);
    display.show(STATUS, 2000);
    display.say("Careful.\u001B[31m");
    const line = "2 files · lag 1.5 KiB · line…";
    expect(String(out.read())).toBe(`${line}\r\u001B[2K${line}\r\u001B[2Kbaton: Careful. [31m\n`);
  });

  it("elsewhere there is JSON every so many seconds, and no control character", () => {
    const out = new PassThrough();
    const display = new TailDisplay(out, TAIL_TEXTS.en, 3, 0);
    for (let second = 1; second <= 7; second++) display.show(STATUS, second * 1000 + 20);
    const lines = String(out.read()).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ seen: 10 });
  });

  it("neither a terminal nor JSON: nothing", () => {
    const out = new PassThrough();
    new TailDisplay(out, TAIL_TEXTS.en, 0, 0).show(STATUS, 1000);
    expect(out.read()).toBeNull();
  });

  it("the line for a terminal has no control character, whatever a source answers", () => {
    const status = { ...STATUS, waitingFor: ["/a.log"] };
    const line = statusLine(status, ["Bad\nanswer."], 0, TAIL_TEXTS.en.status);
    expect(line).toMatch(/waiting for \/a\.log · ! Bad answer\.$/);
  });

  it.each([
    ["abcdef", 5, "abcd…"],
    ["abcd파", 5, "abcd…"],
    ["abcde", 5, "abcde"],
    ["파일 두 개", 6, "파일 …"],
    ["파일", 4, "파일"],
    ["", 5, ""],
  ])("%j has room in %i columns as %j", (text, columns, cut) => {
    expect(cutToColumns(text, columns)).toBe(cut);
  });
});
