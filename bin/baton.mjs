#!/usr/bin/env node
// Starts the `baton` command: from the source in a clone, by the project's own Node, and from the bundle when it was
// packed. Plain JavaScript for any Node ≥ 20.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const source = resolve(root, "src/cli/main.ts");
const bundle = resolve(root, "dist/baton.mjs");
const ownNode = resolve(root, "node_modules/.bin/node");

if (!existsSync(source)) await import(pathToFileURL(bundle).href);
else if (!existsSync(resolve(root, "node_modules/commander")) || !existsSync(ownNode)) refuse();
else if (Number(process.versions.node.split(".")[0]) >= 24)
  await import(pathToFileURL(source).href);
else runOwnNode();

function refuse() {
  const korean = (process.env.BATON_LANG || process.env.LANG || "").toLowerCase().startsWith("ko");
  console.error(
    korean
      ? `baton: 아직 설치되지 않았습니다. 먼저 실행하세요: (cd ${root} && npm ci)`
      : `baton: Nothing is installed yet. Run: (cd ${root} && npm ci)`,
  );
  process.exitCode = 2;
}

/** TypeScript needs a newer Node than this one. What ends us is passed on, and so is how it ended. */
function runOwnNode() {
  const child = spawn(ownNode, [source, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"]) {
    // A terminal sends its Ctrl-C to both of us.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY) || child.kill(signal));
  }
  child.on("exit", (code, signal) => {
    if (!signal) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
