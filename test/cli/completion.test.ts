import { execFile } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/run-program.ts";
import { answerJson, baton, newFolder, serve } from "./support.ts";

const run = promisify(execFile);

const SOURCES = [
  { id: "src_1", slug: "cards", name: "Cards" },
  { id: "src_2", slug: "demo", name: "Demo" },
];
const RULES = [
  { id: "rul_1", name: "approved" },
  { id: "rul_2", name: "$(reboot)" },
  { id: "rul_3", name: "승인" },
];

function deployment() {
  return serve((request, response) => {
    const data = request.url?.startsWith("/api/v1/rules") ? RULES : SOURCES;
    answerJson(response, 200, { data, nextCursor: null });
  });
}

describe("what a word may become", () => {
  test.each<[string[], string[]]>([
    [["dest"], ["destinations"]],
    [
      ["sources", ""],
      ["ls", "get", "create", "update", "rm"],
    ],
    [["--json", "rules", "te"], ["test"]],
    [["rules", "create", "--mat"], ["--match"]],
    [
      ["sources", "get", ""],
      ["cards", "demo"],
    ],
    [["events", "ls", "--source", "c"], ["cards"]],
    [["events", "ls", "--source", "cards", "--fr"], ["--from"]],
    [["send", "d"], ["demo"]],
    [["send", "demo", ""], []],
    [
      ["rules", "rm", ""],
      ["approved", "rul_2", "승인"],
    ],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["nothing", "get", ""], []],
    [["help", "so"], ["sources"]],
    [["help", "rules", "t"], ["test"]],
  ])("%j → %j", async (words, expected) => {
    const { url } = await deployment();
    const env = { BATON_URL: url, BATON_API_KEY: "bt_key" };
    const { code, out, err } = await baton(["__complete", ...words], { env });
    expect([code, err]).toEqual([0, ""]);
    expect(out.split("\n").filter(Boolean)).toEqual(expected);
  });

  test("without a deployment there are no names, and no error", async () => {
    const ran = await baton(["__complete", "sources", "get", ""]);
    expect(ran).toEqual({ code: 0, out: "", err: "" });
  });
});

test("bash completes by the script", async () => {
  const { url } = await deployment();
  const bin = newFolder();
  const program = join(bin, "baton");
  const node = join(ROOT, "node_modules/.bin/node");
  writeFileSync(program, `#!/bin/sh\nexec ${node} ${join(ROOT, "bin/baton.mjs")} "$@"\n`);
  chmodSync(program, 0o755);
  const script = `
    eval "$(baton completion bash)"
    COMP_WORDS=(baton sources get ""); COMP_CWORD=3; _baton; echo "\${COMPREPLY[*]}"
    COMP_WORDS=(baton del); COMP_CWORD=1; _baton; echo "\${COMPREPLY[*]}"
    complete -p baton`;
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH}`,
    BATON_URL: url,
    BATON_API_KEY: "k",
  };
  const { stdout } = await run("bash", ["--norc", "-c", script], { env });
  expect(stdout).toBe("cards demo\ndeliveries\ncomplete -o default -F _baton baton\n");
});

test("the script for zsh begins completion where nothing has: else each start would end with an error", async () => {
  const { out } = await baton(["completion", "zsh"]);
  const [first, begin] = out.split("\n");
  expect(first).toBe("#compdef baton");
  expect(begin).toBe("(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }");
  expect(out.trimEnd().endsWith("compdef _baton baton")).toBe(true);
});

test.each(["bash", "zsh", "fish"])("there is a script for %s", async (shell) => {
  const { code, out } = await baton(["completion", shell]);
  expect(code).toBe(0);
  expect(out).toContain("baton __complete");
});
