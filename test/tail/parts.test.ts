import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { decodeCp949 } from "../../src/decode-cp949.ts";
import { type Match, matchKey } from "../../src/tail/alert.ts";
import { isTooOld } from "../../src/tail/backlog.ts";
import { parseCheckpoint } from "../../src/tail/checkpoint.ts";
import { type Encoding, lineDecoder } from "../../src/tail/decode-line.ts";
import { Draft } from "../../src/tail/draft.ts";
import { nameTest } from "../../src/tail/expand-pattern.ts";
import { beginsWith, fingerprintOf, NO_FINGERPRINT } from "../../src/tail/fingerprint.ts";
import { isCompressedName, isGenerationName } from "../../src/tail/generation-names.ts";
import { MatchGroups } from "../../src/tail/group-matches.ts";
import { LineJoiner } from "../../src/tail/join-lines.ts";
import { Ledger } from "../../src/tail/ledger.ts";
import { readLineTest } from "../../src/tail/line-test.ts";
import { lineTime } from "../../src/tail/line-time.ts";
import { type Notice, readNotice } from "../../src/tail/notice.ts";
import { backoffMs, retryAfterMs } from "../../src/tail/retry-wait.ts";
import { readOptions } from "../../src/tail/settings.ts";
import { LineSplitter } from "../../src/tail/split-lines.ts";

/** Lines of `bytes` that come in pieces of `size`. */
function split(bytes: Buffer, size: number, maxBytes = 1000, encoding: Encoding = "utf-8") {
  const splitter = new LineSplitter(maxBytes);
  const decode = lineDecoder(encoding);
  const lines = [];
  for (let at = 0; at < bytes.length; at += size) {
    for (const raw of splitter.push(bytes.subarray(at, at + size), at)) lines.push(decode(raw));
  }
  return { lines, rest: splitter.flush() };
}

describe("lines", () => {
  const text = "one\r\n\n한글 😀\nlong long long\n\0\0\0late\ntail";

  it.each([1, 2, 3, 7, 100])("are the same in pieces of %i bytes", (size) => {
    const { lines, rest } = split(Buffer.from(text), size);
    expect(lines).toEqual([
      { text: "one", offset: 0, end: 5 },
      { text: "", offset: 5, end: 6 },
      { text: "한글 😀", offset: 6, end: 18 },
      { text: "long long long", offset: 18, end: 33 },
      { text: "late", offset: 36, end: 41 },
    ]);
    expect(rest).toMatchObject({ offset: 41, length: 4 });
  });

  it.each([1, 4, 5, 100])("are cut at a whole character in pieces of %i bytes", (size) => {
    const { lines } = split(Buffer.from("한글한글\nnext\n"), size, 5);
    expect(lines.map((line) => line.text)).toEqual(["한 … [cut: the line has 12 bytes]", "next"]);
    expect(lines[0]?.cutFrom).toBe(12);
    const korean = Buffer.from("b0e1c1a6c1a60a", "hex");
    expect(split(korean, size, 3, "euc-kr").lines[0]?.text).toMatch(/^결 … \[cut/);
  });
});

it("CP949 has all 11,172 syllables; what is no character becomes U+FFFD", () => {
  // Every pair of bytes whose character is a Hangul syllable, in order, as Python's cp949 codec decodes them.
  const bytes: number[] = [];
  for (let lead = 0x81; lead <= 0xc8; lead++) {
    for (let trail = 0x41; trail <= 0xfe; trail++) {
      if (/^[가-힣]$/.test(decodeCp949(Uint8Array.of(lead, trail)))) bytes.push(lead, trail);
    }
  }
  const text = decodeCp949(Uint8Array.from(bytes));
  expect(text).toHaveLength(11_172);
  expect(createHash("sha256").update(text).digest("hex")).toBe(
    "ca775c73b22a7f5589c62fc71d8e67f5c7cf96f740b8c7a4be8ab5e5a4ec2e09",
  );
  expect(decodeCp949(Uint8Array.of(0x41, 0xff, 0x42, 0xb0))).toBe("A\ufffdB\ufffd");
});

it("an entry keeps no more than its limit, whatever fills it", () => {
  const joiner = new LineJoiner<number>((text) => text.startsWith("E"), 10);
  const add = (text: string, offset: number) =>
    joiner.add({ text, offset, end: offset + text.length + 1 }, offset)?.line;
  add("E234567890", 0);
  add(" does not fit any more", 11);
  expect(joiner.flush()?.line.text).toBe("E234567890 … [cut: the line has 34 bytes]");
});

it("an entry ends, though the next never begins, so that the place acknowledged moves on", () => {
  const joiner = new LineJoiner<number>(() => false, 10);
  const ended: number[] = [];
  for (let at = 0; at < 1000; at += 10) {
    const entry = joiner.add({ text: "123456789", offset: at, end: at + 10 }, at + 10);
    if (entry) ended.push(entry.mark);
  }
  expect(ended).toEqual([160, 320, 480, 640, 800, 960]);
});

it("entries of several lines end where the next begins, and are cut like lines", () => {
  const joiner = new LineJoiner<number>((text) => text.startsWith("E"), 10);
  const add = (text: string, end: number) =>
    joiner.add({ text, offset: end - text.length - 1, end }, end)?.line;
  expect(add("E1", 3)).toBeUndefined();
  expect(add(" at", 7)).toBeUndefined();
  expect(add("E2", 10)).toEqual({ text: "E1\n at", offset: 0, end: 7 });
  add(" much too long", 25);
  add(" more", 31);
  expect(joiner.flush()).toEqual({
    line: {
      text: "E2\n much t … [cut: the line has 24 bytes]",
      offset: 7,
      end: 31,
      cutFrom: 24,
    },
    mark: 31,
  });
  expect(joiner.flush()).toBeUndefined();
});

it("a fingerprint knows its bytes again, also in front of more, and no others", () => {
  const one = fingerprintOf(Buffer.from("one"));
  expect(beginsWith(Buffer.from("one two"), one)).toBe(true);
  expect(beginsWith(Buffer.from("on"), one)).toBe(false);
  expect(beginsWith(Buffer.from("oNe two"), one)).toBe(false);
  expect(beginsWith(Buffer.from("any"), NO_FINGERPRINT)).toBe(true);
});

describe("names", () => {
  it.each([
    ["app.log.1", true],
    ["app.log.12", true],
    ["app.log-20260212", true],
    ["app.log.2026-02-12T03:00", true],
    ["app-20260212.log", true],
    ["app.1.log", true],
    ["app.log.old", true],
    ["app.log", false],
    ["app.log.1.gz", false],
    ["app.log.pos", false],
    ["app.logs", false],
    ["app-web.log", false],
    ["other.log.1", false],
  ])("of generations of app.log: %s is %s", (name, expected) => {
    expect(isGenerationName("app.log", name)).toBe(expected);
  });

  it("of compressed files", () => {
    const names = ["a.gz", "a.log.2.GZ", "a.zst", "a.log", "a.gz.log"];
    expect(names.map(isCompressedName)).toEqual([true, true, true, false, false]);
  });

  it.each([
    ["*.log", "app.log", true],
    ["*.log", ".hidden.log", false],
    [".*.log", ".hidden.log", true],
    ["app-?.log", "app-1.log", true],
    ["app-?.log", "app-10.log", false],
    ["app[0-9].log", "app7.log", true],
    ["app[!0-9].log", "app7.log", false],
    ["a+(b).log", "a+(b).log", true],
    ["로그*", "로그1", true],
  ])("%s and %s: %s", (glob, name, expected) => {
    expect(nameTest(glob)(name)).toBe(expected);
  });
});

describe("what is acknowledged", () => {
  const [one, two, three] = [{}, {}, {}];

  it("moves in order, whatever arrives first, and past what matches nothing", () => {
    const ledger = new Ledger<object, number>(0);
    ledger.read(5);
    expect(ledger.acknowledged).toBe(5);
    ledger.add(one, 10);
    ledger.add(two, 20);
    ledger.add(three, 30);
    ledger.read(35);
    ledger.acknowledge(two);
    expect(ledger.acknowledged).toBe(5);
    ledger.acknowledge(one);
    expect(ledger.acknowledged).toBe(20);
    ledger.acknowledge(three);
    expect(ledger.acknowledged).toBe(35);
  });

  it("waits for a group that began earlier and goes on later", () => {
    const ledger = new Ledger<object, number>(0);
    for (const [alert, place] of [
      [one, 1],
      [two, 2],
      [two, 3],
      [one, 4],
    ] as const) {
      ledger.add(alert, place);
    }
    ledger.acknowledge(two);
    expect(ledger.acknowledged).toBe(0);
    ledger.acknowledge(one);
    ledger.acknowledge(one);
    expect(ledger.acknowledged).toBe(4);
    ledger.read(9);
    expect(ledger.acknowledged).toBe(9);
  });

  it("never goes back, also when all arrives in the middle of what is read", () => {
    const ledger = new Ledger<object, number>(0);
    ledger.add(one, 10);
    ledger.add(two, 20);
    ledger.acknowledge(one);
    expect(ledger.acknowledged).toBe(10);
    ledger.acknowledge(two);
    expect(ledger.acknowledged).toBe(20);
  });

  it("takes no memory for a line: two alerts whose lines alternate are two entries", async () => {
    const places: WeakRef<object>[] = [];
    const newPlace = () => {
      const place = {};
      places.push(new WeakRef(place));
      return place;
    };
    const ledger = new Ledger<object, object>(newPlace());
    for (let line = 0; line < 10_000; line++) ledger.add(line % 2 ? one : two, newPlace());
    // What a WeakRef was made of lives until the end of the turn.
    await new Promise(setImmediate);
    collectGarbage();
    expect(places.filter((place) => place.deref()).length).toBeLessThan(10);
    ledger.acknowledge(one);
    ledger.acknowledge(two);
    expect(ledger.acknowledged).toBe(ledger.lastRead);
  });
});

/** Frees what nothing refers to. */
function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

const match = (text: string, more: Partial<Match> = {}): Match => ({
  contentId: "c",
  file: "app.log",
  offset: 0,
  text,
  readAt: 0,
  ...more,
});

describe("idempotency keys", () => {
  it("differ by content, place and text", () => {
    const variants = [{}, { contentId: "d" }, { offset: 1 }, { text: "b" }, { readAt: 9 }];
    const keys = new Set(variants.map((more) => matchKey(match("a", more))));
    expect(keys.size).toBe(4);
  });

  it("of groups differ from those of their lines, and by every line", () => {
    const key = (...texts: string[]) => {
      const [first = "", ...others] = texts;
      const draft = new Draft("more", match(first));
      for (const text of others) draft.add(match(text));
      return draft.toAlert().idempotencyKey;
    };
    expect(key("a")).toBe(matchKey(match("a")));
    const keys = [key("a"), key("a", "b"), key("a", "c"), key("a", "b", "c"), key("b", "a")];
    expect(new Set(keys).size).toBe(5);
    expect(key("a", "b")).toBe(key("a", "b"));
  });
});

it("an alert counts with all the texts that it keeps", () => {
  const draft = new Draft("more", match("x".repeat(1000)));
  draft.add(match("y".repeat(100)));
  expect(draft.bytes).toBe(2200);
});

describe("cool-down", () => {
  const texts = (drafts: Draft[]) => drafts.map((draft) => draft.toAlert().message);

  it("tells the first, counts the others of its time, and starts anew when there were some", () => {
    const groups = new MatchGroups(60_000);
    expect(groups.add(match("1"), 0).ready).toBe(true);
    for (let count = 2; count <= 42; count++) groups.add(match(`${count}`), 1000);
    expect(groups.takeDue(59_999)).toEqual([]);
    expect(texts(groups.takeDue(60_000))).toEqual(["+41 more in 60 s: 42"]);
    expect(groups.add(match("43"), 60_001).ready).toBe(false);
    expect(texts(groups.takeDue(120_000))).toEqual(["+1 more in 60 s: 43"]);
    expect(groups.takeDue(180_000)).toEqual([]);
    expect(groups.add(match("44"), 180_001).ready).toBe(true);
  });

  it("is each file's own; stopping tells what waits", () => {
    const groups = new MatchGroups(60_000);
    groups.add(match("1"), 0);
    expect(groups.add(match("2", { file: "web.log" }), 0).ready).toBe(true);
    groups.add(match("3"), 1000);
    expect(texts(groups.takeAll(10_000))).toEqual(["+1 more in 10 s: 3"]);
  });

  it("of 0 tells each", () => {
    const groups = new MatchGroups(0);
    expect([groups.add(match("1"), 0).ready, groups.add(match("2"), 0).ready]).toEqual([
      true,
      true,
    ]);
  });
});

describe("the age of a line", () => {
  const noon = Date.parse("2026-02-12T12:00:00Z");

  it.each([
    ["2026-02-12T12:00:00Z ERROR", noon],
    ["[2026-02-12 12:00:00.123 +0000] ERROR", noon],
    ["2026/02/12 21:00:00+09:00 [error]", noon],
    ["2026-02-12 12:00:00,5 ERROR", new Date(2026, 1, 12, 12).getTime()],
    ["2026-99-12T12:00:00Z", undefined],
    [`${"x".repeat(70)} 2026-02-12T12:00:00Z`, undefined],
    ["ERROR", undefined],
  ])("%s", (text, expected) => {
    expect(lineTime(text)).toBe(expected);
  });

  it("counts for the backlog only; without a time of its own, by the last write", () => {
    const old = (text: string, end: number) =>
      isTooOld({ text, end }, { end: 100, writtenAt: noon }, 60_000, noon + 90_000);
    expect(old("no time", 100)).toBe(true);
    expect(old("2026-02-12T12:01:00Z", 100)).toBe(false);
    expect(old("2020-02-12T12:01:00Z", 101)).toBe(false);
  });
});

describe("what is asked for", () => {
  it.each([
    ["ERROR", "an ERROR here", true],
    ["ERROR", "an error here", false],
    ["a.c", "abc", false],
    ["/a.c/", "abc", true],
    ["/^err(or)?:/i", "ERROR: x", true],
    ["/", "a/b", true],
    ["/var/log", "in /var/log", true],
    ["/한.+인$/", "한도 승인", true],
  ])("%s in %s: %s", (asked, text, expected) => {
    expect(readLineTest(asked)(text)).toBe(expected);
  });

  it("is refused with why", () => {
    const options = { patterns: ["a"], checkpointFile: "c", match: () => true };
    const pattern = "logs/[z-a].log";
    const reason = expect.any(String);
    const refusals: [() => unknown, Notice][] = [
      [() => readLineTest("/(a/"), { code: "bad_regex", match: "/(a/", reason }],
      [() => readLineTest("/a/gm"), { code: "bad_flags", match: "/a/gm", flags: "gm" }],
      [() => readLineTest(""), { code: "empty_match" }],
      [() => readOptions({ ...options, patterns: [] }), { code: "no_patterns" }],
      [() => readOptions({ ...options, patterns: [pattern] }), { code: "bad_pattern", pattern }],
      [
        () => readOptions({ ...options, pollMs: Number.NaN }),
        { code: "bad_number", name: "pollMs", value: Number.NaN, least: 0 },
      ],
      [
        () => readOptions({ ...options, maxLineBytes: 0 }),
        { code: "bad_number", name: "maxLineBytes", value: 0, least: 1 },
      ],
    ];
    for (const [ask, notice] of refusals) {
      expect(ask).toThrow(expect.objectContaining({ notice }));
    }
  });
});

it("waits between tries grow to a minute, and a Retry-After is kept within reason", () => {
  expect([1, 2, 3, 10].map((failures) => backoffMs(failures, 0.5))).toEqual([1e3, 2e3, 4e3, 6e4]);
  expect([backoffMs(1, 0), backoffMs(1, 1)]).toEqual([800, 1200]);
  const now = Date.parse("2026-02-12T12:00:00Z");
  expect(retryAfterMs("7", now)).toBe(7000);
  expect(retryAfterMs("Thu, 12 Feb 2026 12:00:30 GMT", now)).toBe(30_000);
  expect(retryAfterMs("Thu, 12 Feb 2026 11:00:00 GMT", now)).toBe(0);
  expect(retryAfterMs("999999999", now)).toBe(15 * 60_000);
  expect(retryAfterMs("soon", now)).toBeUndefined();
});

it.each([
  "",
  "null",
  "{}",
  '{"version":1,"patterns":[],"files":[{}],"seen":[]}',
  '{"version":1,"patterns":[1],"files":[],"seen":[]}',
  '{"version":1,"patterns":[],"files":[],"seen":[{"key":"1:2"}]}',
])("a checkpoint %j is none", (text) => {
  expect(parseCheckpoint(text)).toBeUndefined();
});

it("a notice that was written down is known again, and one of another version is none", () => {
  const notice = { code: "own_file", path: "/a.log" };
  expect(readNotice({ ...notice, message: "…" })).toEqual(notice);
  for (const other of [{}, { code: "toString" }, { code: "own_file" }, { ...notice, path: 1 }]) {
    expect(readNotice(other)).toBeUndefined();
  }
});
