import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { installSystemd } from "../../src/cli/tail-install.ts";
import { readTailRequest, type TailFlags } from "../../src/cli/tail-request.ts";
import { quoteArgument, quoteValue } from "../../src/cli/tail-systemd.ts";
import { TAIL_TEXTS } from "../../src/cli/tail-texts.ts";
import { newFolder } from "../tail/support.ts";
import { runProgram } from "./tail-program.ts";

const PROGRAM = ["/usr/bin/node", "/usr/lib/node_modules/baton/bin/baton.mjs"];
const API = { url: "https://baton.example.com", key: "bt_your-key-with-scope-read" };

async function install(folder: string, flags: TailFlags, files: string[], program = PROGRAM) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const request = readTailRequest(files, flags, {}, TAIL_TEXTS.en);
  const { signal } = new AbortController();
  const call = { resolveApi: async () => API, language: "en", stdout, stderr, signal } as const;
  const code = await installSystemd(folder, "baton-tail", request, flags, program, call);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  return {
    code,
    unit: read("baton-tail.service"),
    environment: read("baton-tail.env"),
    out: String(stdout.read() ?? ""),
    err: String(stderr.read() ?? ""),
  };
}

/** What systemd says of a unit; nothing where systemd is not installed: then the text alone counts. */
function faultsOf(unit: string): string {
  const found = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
  return found.error ? "" : found.stderr;
}

describe("--install-systemd", () => {
  it("writes the two files that docs/systemd shows, and says three commands", async () => {
    const folder = newFolder();
    const flags = { source: "server-alerts", match: "/error|fatal/i", maxAge: "3600" };
    const { code, unit, environment, out, err } = await install(folder, flags, [
      "/var/log/app/*.log",
    ]);
    expect([code, err]).toEqual([0, ""]);
    expect(unit).toBe(readFileSync("docs/systemd/baton-tail.service", "utf8"));
    expect(environment).toBe(readFileSync("docs/systemd/baton-tail.env", "utf8"));
    const commands = out.split("\n").filter((line) => line.startsWith("sudo "));
    expect(commands).toEqual([
      `sudo install -m 644 ${folder}/baton-tail.service /etc/systemd/system/baton-tail.service`,
      `sudo install -D -m 600 ${folder}/baton-tail.env /etc/baton/baton-tail.env`,
      "sudo sh -c 'systemctl daemon-reload && systemctl enable --now baton-tail'",
    ]);
  });

  it("keys stand in the environment file alone, which nobody else may read", async () => {
    const folder = newFolder();
    const flags = {
      source: "https://hooks.example.com/in/logs/~snd_secret/",
      match: "ERROR",
      senderKey: "snd_other",
      header: ["authorization: Bearer t$ken"],
    };
    writeFileSync(join(folder, "baton-tail.env"), "open to all\n", { mode: 0o644 });
    const { unit, environment, out } = await install(folder, flags, ["/var/log/app.log"]);
    expect(`${unit}${out}`).not.toMatch(/snd_|t\$ken|bt_/);
    expect(environment).toContain(
      "BATON_TAIL_SOURCE=https://hooks.example.com/in/logs/~snd_secret/",
    );
    expect(environment).toContain("BATON_SENDER_KEY=snd_other\n");
    expect(environment).toContain(
      String.raw`BATON_TAIL_HEADERS="{\"authorization\":\"Bearer t\$ken\"}"`,
    );
    expect(environment).not.toContain("BATON_API_KEY");
    expect(statSync(join(folder, "baton-tail.env")).mode & 0o777).toBe(0o600);
  });

  it("warns of files that the service would not see", async () => {
    const flags = { source: "alerts", match: "ERROR" };
    const { err } = await install(newFolder(), flags, ["/tmp/app.log", "/var/log/app.log"]);
    expect(err).toContain("does not see /tmp/app.log");
    expect(err).not.toContain("/var/log");
  });

  it("runs from the command line, and systemd finds no fault", async () => {
    const folder = newFolder();
    const env = { BATON_URL: API.url, BATON_API_KEY: API.key };
    const args = ["/var/log/a b/%*$.log", "--source", "alerts", "--match", String.raw`/"\d+%|$x/`];
    const run = await runProgram([...args, "--install-systemd", folder], env);
    expect(run).toMatchObject({ code: 0, err: "" });
    const unit = join(folder, "baton-tail.service");
    expect(readFileSync(unit, "utf8")).toContain(
      String.raw`tail "/var/log/a b/%%*$$.log" --source alerts --match "/\"\\d+%%|$$x/" --checkpoint`,
    );
    expect(faultsOf(unit)).toBe("");
  });

  it("refuses a unit's name that is none, and a folder that cannot be made", async () => {
    const args = ["/var/log/a.log", "--source", "http://127.0.0.1:1/in/x", "--match", "x"];
    const named = await runProgram([...args, "--install-systemd", newFolder(), "--unit", "../x"]);
    expect(named).toMatchObject({ code: 2, err: expect.stringContaining('--unit is "../x"') });
    const placed = await runProgram([...args, "--install-systemd", "/dev/null/x"]);
    expect(placed).toMatchObject({ code: 1, err: expect.stringContaining("ENOTDIR") });
  });
});

it.each([
  ["/var/log/app.log", "/var/log/app.log"],
  ["a b", '"a b"'],
  ["100%", "100%%"],
  ["$HOME", "$$HOME"],
  ['a"b\\', '"a\\"b\\\\"'],
  ["a\nb", '"a\\nb"'],
  ["", '""'],
  ["한글", '"한글"'],
])("ExecStart has %j as %s", (text, quoted) => {
  expect(quoteArgument(text)).toBe(quoted);
});

it.each([
  ["https://a/in/x?y=1", '"https://a/in/x?y=1"'],
  ["bt_abc-1", "bt_abc-1"],
  ["a$b`c", '"a\\$b\\`c"'],
  ["100% # no comment", '"100% # no comment"'],
])("an environment file has %j as %s", (text, quoted) => {
  expect(quoteValue(text)).toBe(quoted);
});
