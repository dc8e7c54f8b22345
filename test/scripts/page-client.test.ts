import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterAll, expect, it } from "vitest";

/**
 * The pages' scripts are bundled as text, which only `*.txt` is to every tool, so the type checker does not see them
 * where they are.
 */
const PAGES: [page: string, client: string, shared: string[]][] = [
  ["first page", "src/page/client", []],
  [
    "chat page",
    "src/chat-page/client",
    ["src/page/client/dom.js.txt", "src/page/client/format.js.txt"],
  ],
];
// Inside the project, but not where a running session watches.
const folder = resolve(".baton/page-client");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(PAGES)(
  "the scripts of the %s pass the type checker and the formatter",
  (_, client, shared) => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const own = readdirSync(client).filter((name) => name.endsWith(".js.txt"));
    const scripts = [...own.map((name) => join(client, name)), ...shared];
    expect(own.length).toBeGreaterThan(0);
    const unformatted: string[] = [];
    for (const path of scripts) {
      const name = basename(path);
      const text = readFileSync(path, "utf8");
      const script = name.replace(/\.txt$/, "");
      writeFileSync(join(folder, script), text);
      const options = { encoding: "utf8", input: text } as const;
      const args = ["format", `--stdin-file-path=${client}/${script}`];
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
  },
);
