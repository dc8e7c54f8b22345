import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";

/**
 * The page's scripts are bundled as text, which only `*.txt` is to every tool, so the type checker does not see them
 * where they are.
 */
const CLIENT = "src/page/client";
// Inside the project, but not where a running session watches.
const folder = resolve(".baton/page-client");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("the page's scripts pass the type checker and the formatter", () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const scripts = readdirSync(CLIENT).filter((name) => name.endsWith(".js.txt"));
  expect(scripts.length).toBeGreaterThan(0);
  const unformatted: string[] = [];
  for (const name of scripts) {
    const text = readFileSync(join(CLIENT, name), "utf8");
    const script = name.replace(/\.txt$/, "");
    writeFileSync(join(folder, script), text);
    const options = { encoding: "utf8", input: text } as const;
    const args = ["format", `--stdin-file-path=${CLIENT}/${script}`];
    const { stdout } = spawnSync("node_modules/.bin/biome", args, options);
    if (stdout !== text) unformatted.push(name);
  }
  // The client library stands beside them in the browser; its types are those of its source.
  const types = `export * from ${JSON.stringify(resolve("src/client/index.ts"))};\n`;
  writeFileSync(join(folder, "baton-client.d.ts"), types);
  const compilerOptions = {
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: true,
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    target: "esnext",
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["esnext", "dom", "dom.iterable"],
    types: [],
  };
  const config = join(folder, "tsconfig.json");
  writeFileSync(config, JSON.stringify({ compilerOptions, include: ["*.js"] }));
  const { stdout } = spawnSync("node_modules/.bin/tsc", ["-p", config], { encoding: "utf8" });
  expect({ types: stdout, unformatted }).toEqual({ types: "", unformatted: [] });
});
