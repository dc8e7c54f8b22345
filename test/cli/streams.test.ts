import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { EXIT } from "../../src/cli/exit-codes.ts";
import { COMPILE_CACHE } from "../support/compile-cache.ts";
import { ROOT } from "../support/run-program.ts";
import { newFolder } from "./support.ts";

/* What can happen to the streams of a process, as a shell gives them to it. */

const LAUNCHER = join(ROOT, "bin/baton.mjs");
const env = { PATH: process.env.PATH, HOME: newFolder(), LANG: "C.UTF-8", ...COMPILE_CACHE };

test("output that cannot be written is an error with its reason", async () => {
  const file = join(newFolder(), "read-only");
  writeFileSync(file, "");
  const stdout = openSync(file, "r");
  const child = spawn(process.execPath, [LAUNCHER, "help", "exit-codes"], {
    env,
    stdio: ["ignore", stdout, "pipe"],
  });
  let err = "";
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  expect(err).toBe(
    "baton: The output could not be written (EBADF). Make room, or write it elsewhere\n",
  );
  expect(code).toBe(EXIT.usage);
});

test.each([
  [["help", "exit-codes"], "stdout", EXIT.ok],
  [["sources", "--oops"], "stderr", EXIT.usage],
] as const)("%j whose %s nobody reads ends with %i", async (words, stream, expected) => {
  const child = spawn(process.execPath, [LAUNCHER, ...words], { env, stdio: "pipe" });
  child[stream].destroy();
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(expected);
});
