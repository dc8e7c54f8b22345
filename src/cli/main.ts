/** `baton`: the command line. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { languageOf } from "../local/language.ts";
import { EXIT } from "./exit-codes.ts";
import { run } from "./run.ts";
import { textsIn } from "./texts.ts";

const controller = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(name, () => {
    // The second one is from somebody who will not wait.
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  });
}
const say = textsIn(languageOf(process.env));
// `baton … | head` closes our output: nothing is wrong, and nobody reads on.
process.stdout.on("error", ({ code = "" }: NodeJS.ErrnoException) => {
  if (code !== "EPIPE") process.stderr.write(`baton: ${say.errors.notWritten(code)}\n`);
  process.exit(code === "EPIPE" ? EXIT.ok : EXIT.usage);
});
// Nobody reads our errors; what is done and its exit code stay the same.
process.stderr.on("error", () => {});

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
process.exitCode = await run(
  {
    env: process.env,
    cwd: process.cwd(),
    // The bundle stands elsewhere, and beside no session.
    clone: existsSync(resolve(root, "src/cli/main.ts")) ? root : undefined,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    say,
    signal: controller.signal,
  },
  process.argv.slice(2),
);
