import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { expect, it } from "vitest";

/** Runs the project's linter on one file in a tree of its own; true when the layer rule refuses it. */
function isRefused(file: string, line: string): boolean {
  const tree = mkdtempSync(join(tmpdir(), "baton-layers-"));
  try {
    cpSync(".oxlintrc.json", join(tree, ".oxlintrc.json"));
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), `${line}\n`);
    const oxlint = resolve("node_modules/.bin/oxlint");
    const { stdout } = spawnSync(oxlint, ["--format", "unix"], { cwd: tree, encoding: "utf8" });
    return stdout.includes("no-restricted-imports");
  } finally {
    rmSync(tree, { recursive: true });
  }
}

it.each([
  ["a route that queries", "src/rules/routes.ts", 'export * from "drizzle-orm";', true],
  [
    "a route that sees tables",
    "src/rules/routes.ts",
    'export * from "../db/schema/control.ts";',
    true,
  ],
  [
    "a consumer that queries",
    "src/deliveries/consumer.ts",
    'export * from "drizzle-orm/d1";',
    true,
  ],
  ["a verb that knows HTTP", "src/rules/create-rule.ts", 'export * from "hono";', true],
  [
    "a verb that calls its caller",
    "src/rules/create-rule.ts",
    'export * from "./routes.ts";',
    true,
  ],
  [
    "a verb in another feature's insides",
    "src/rules/create-rule.ts",
    'export * from "../events/get-event.ts";',
    true,
  ],
  [
    "the database layer in a feature",
    "src/db/client.ts",
    'export * from "../rules/match.ts";',
    true,
  ],
  [
    "the local session in a feature",
    "src/local/start.ts",
    'export { matches } from "../rules/match.ts";',
    true,
  ],
  [
    "the command in the tail's insides",
    "src/cli/tail-run.ts",
    'export { readOn } from "../tail/read-on.ts";',
    true,
  ],
  [
    "the command through the tail's index",
    "src/cli/tail-run.ts",
    'export { tailFiles } from "../tail/index.ts";',
    false,
  ],
  ["the tail in a feature", "src/tail/read-on.ts", 'export * from "../log.ts";', true],
  [
    "the tail with the decoder of CP949",
    "src/tail/decode-line.ts",
    'export * from "../decode-cp949.ts";',
    false,
  ],
  ["the tail with another package", "src/tail/read-on.ts", 'export * from "zod";', true],
  ["the tail with node:", "src/tail/read-on.ts", 'export * from "node:fs/promises";', false],
  ["the tail with re2js", "src/tail/line-test.ts", 'export * from "re2js";', false],
  [
    "the client library in a feature",
    "src/client/frame.ts",
    'export * from "../channels/frame.ts";',
    true,
  ],
  [
    "the client library in a feature's types",
    "src/client/frame.ts",
    'export type { Problem } from "../http-error.ts";',
    true,
  ],
  ["the client library with node:", "src/client/pause.ts", 'export * from "node:timers";', true],
  ["the client library with a package", "src/client/frame.ts", 'export * from "zod";', true],
  [
    "the client library with its own files",
    "src/client/index.ts",
    'export { publish } from "./publish.ts";',
    false,
  ],
  [
    "the command through the client library's index",
    "src/cli/listen.ts",
    'export { subscribe } from "../client/index.ts";',
    false,
  ],
  [
    "the command in the client library's insides",
    "src/cli/listen.ts",
    'export { Subscriber } from "../client/subscriber.ts";',
    true,
  ],
  [
    "the page through the client library's index",
    "src/page/client/live.ts",
    'export { subscribe } from "../../client/index.ts";',
    false,
  ],
  [
    "the page in the client library's insides",
    "src/page/client/live.ts",
    'export { Subscriber } from "../../client/subscriber.ts";',
    true,
  ],
  [
    "the local session in the reading of messages",
    "src/local/start.ts",
    'export { maskQuery } from "../sms/index.ts";',
    false,
  ],
  [
    "the command in a feature",
    "src/cli/rules.ts",
    'export { matches } from "../rules/match.ts";',
    true,
  ],
  [
    "the command in the local session's insides",
    "src/cli/main.ts",
    'export { startSession } from "../local/session.ts";',
    true,
  ],
  [
    "the command with the local session's receiver",
    "src/cli/receive.ts",
    'export { startReceiver } from "../local/receiver.ts";',
    false,
  ],
  [
    "a verb that queries",
    "src/rules/create-rule.ts",
    'export * from "../db/schema/control.ts";',
    false,
  ],
  [
    "a verb through another's index",
    "src/rules/create-rule.ts",
    'export * from "../events/index.ts";',
    false,
  ],
  [
    "a route through another's schemas",
    "src/rules/routes.ts",
    'export * from "../events/schemas.ts";',
    false,
  ],
])("the layer rule and %s", (_, file, line, refused) => {
  expect(isRefused(file, line)).toBe(refused);
});
