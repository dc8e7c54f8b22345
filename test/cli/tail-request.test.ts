import { describe, expect, it } from "vitest";
import { EXIT_USAGE } from "../../src/cli/tail-constants.ts";
import type { TailError } from "../../src/cli/tail-error.ts";
import { readTailRequest, statusJsonSeconds, type TailFlags } from "../../src/cli/tail-request.ts";
import { TAIL_TEXTS } from "../../src/cli/tail-texts.ts";

const ENOUGH = { source: "alerts", match: "ERROR" };
const ENV = { XDG_STATE_HOME: "/var/state" };

function read(flags: TailFlags, files = ["/var/log/app.log"]) {
  return readTailRequest(files, flags, ENV, TAIL_TEXTS.en);
}

function fault(flags: TailFlags, files?: string[]): Partial<TailError> {
  try {
    read(flags, files);
    return {};
  } catch (error) {
    return error as TailError;
  }
}

describe("what the command line says", () => {
  it("has defaults, and absolute paths", () => {
    const { options, source, headers } = read(ENOUGH, ["app.log", "/var/log/*.log"]);
    expect(options).toMatchObject({
      patterns: [`${process.cwd()}/app.log`, "/var/log/*.log"],
      checkpointFile: "/var/state/baton/tail.json",
      ownFiles: ["/var/state/baton/tail.json.status", "/var/state/baton/tail.json.status.tmp"],
      encoding: "utf-8",
      start: "end",
    });
    expect(options).not.toHaveProperty("cooldownMs");
    expect(source).toEqual({ kind: "slug", slug: "alerts" });
    expect(headers).toEqual({});
  });

  it("has all options, seconds as milliseconds", () => {
    const { options, headers } = read({
      ...ENOUGH,
      match: "/fatal/i",
      checkpoint: "/s/c.json",
      encoding: "EUC-KR",
      multiline: "/^\\d/",
      from: "beginning",
      cooldown: "0",
      maxAge: "1.5",
      senderKey: "snd",
      header: ["X-A: b:c", '{"x-d":"e"}'],
    });
    expect(options).toMatchObject({
      checkpointFile: "/s/c.json",
      encoding: "euc-kr",
      start: "beginning",
      cooldownMs: 0,
      maxBacklogAgeMs: 1500,
    });
    expect([options.match("a FATAL b"), options.match("error")]).toEqual([true, false]);
    expect([options.multiline?.starts("1 x"), options.multiline?.starts(" x")]).toEqual([
      true,
      false,
    ]);
    expect(headers).toEqual({ "x-a": "b:c", "x-d": "e", "x-baton-sender": "snd" });
  });

  it.each([
    ["no file", ENOUGH, [], "Name at least one file"],
    ["an empty file", ENOUGH, [""], "Name at least one file"],
    ["no source", { match: "x" }, undefined, "--source SLUG"],
    ["no match", { source: "alerts" }, undefined, "--match ERROR"],
    ["an empty match", { ...ENOUGH, match: "" }, undefined, "--match: An empty text"],
    ["a broken regex", { ...ENOUGH, match: "/(/" }, undefined, "--match: /(/ is not a regex"],
    ["a broken multiline", { ...ENOUGH, multiline: "/[/" }, undefined, "--multiline: /[/ is not"],
    ["a pattern", ENOUGH, ["/var/log/[z-a].log"], "check its brackets"],
    ["an encoding", { ...ENOUGH, encoding: "utf-16" }, undefined, "utf-8, euc-kr"],
    ["a beginning", { ...ENOUGH, from: "start" }, undefined, "end, beginning"],
    ["a cool-down", { ...ENOUGH, cooldown: "-1" }, undefined, '--cooldown is "-1"'],
    ["an age", { ...ENOUGH, maxAge: "1h" }, undefined, '--max-age is "1h"'],
    ["too long a time", { ...ENOUGH, statusJson: "2000001" }, undefined, "0 to 2000000"],
    ["another scheme", { ...ENOUGH, source: "ftp://a/in/x" }, undefined, "neither a slug"],
    ["a URL with a password", { ...ENOUGH, source: "https://u:p@a/" }, undefined, "neither a slug"],
    ["a header without colon", { ...ENOUGH, header: ["x"] }, undefined, "'name: value'"],
    ["a header's line break", { ...ENOUGH, header: ["x: a\nb: c"] }, undefined, "'name: value'"],
    ["a header of numbers", { ...ENOUGH, header: ['{"x":1}'] }, undefined, "'name: value'"],
  ])("refuses %s and says how to mend it", (_, flags, files, text) => {
    expect(fault(flags, files)).toMatchObject({
      exitCode: EXIT_USAGE,
      message: expect.stringContaining(text),
    });
  });

  it("does not quote a URL that may hold a key", () => {
    const { message } = fault({ ...ENOUGH, source: "htps://a/in/x/~snd_secret/" });
    expect(message).toContain("neither a slug");
    expect(message).not.toContain("snd_secret");
  });

  it("writes JSON each minute where there is no terminal, unless told otherwise", () => {
    const quiet = read(ENOUGH);
    expect([statusJsonSeconds(quiet, true), statusJsonSeconds(quiet, false)]).toEqual([0, 60]);
    const told = read({ ...ENOUGH, statusJson: "5" });
    expect([statusJsonSeconds(told, true), statusJsonSeconds(told, false)]).toEqual([5, 5]);
  });
});
