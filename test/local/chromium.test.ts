import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { MINIFLARE_CHROME } from "../../src/local/chrome-wrapper.ts";
import { prepareChromium } from "../../src/local/prepare-chromium.ts";
import { listProcesses } from "../support/processes.ts";
import { newStateFolder } from "../support/run-program.ts";
import { waitFor } from "../support/wait-for.ts";

const NPM = { BATON_CHROMIUM: "npm" };

function wrapperIn(cache: string): string {
  const chrome = join(cache, ".wrangler/chrome", `linux-${MINIFLARE_CHROME}`);
  expect(readdirSync(chrome)).toContain(".miniflare-install-complete");
  return join(chrome, "chrome-linux64/chrome");
}

test("the Chrome that the wrapper stands for is the one that miniflare looks for", () => {
  const miniflare = createRequire(import.meta.url).resolve("miniflare");
  const source = readFileSync(miniflare, "utf8");
  expect(source).toContain(`"${MINIFLARE_CHROME}"`);
  expect(source).toContain('".miniflare-install-complete"');
});

test("processes that prepare at once all find a whole browser", async () => {
  const cache = newStateFolder();
  const found = await Promise.all(Array.from({ length: 4 }, () => prepareChromium(cache, NPM)));
  expect(found).toEqual(Array(4).fill({ found: true, path: expect.any(String) }));
  expect(readdirSync(dirname(wrapperIn(cache)))).toEqual(["chrome"]);
});

test("a browser that does not start is passed over, and without any a launch fails at once", async () => {
  const cache = newStateFolder();
  for (const BATON_CHROMIUM of ["/no/such/file", "/bin/ls"]) {
    expect(await prepareChromium(cache, { BATON_CHROMIUM })).toEqual({
      found: false,
      looked: `BATON_CHROMIUM=${BATON_CHROMIUM}`,
    });
  }
  const child = spawn(wrapperIn(cache), { stdio: "ignore" });
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(1);
});

test("a folder that cannot be written means no browser, and no error", async () => {
  const file = join(newStateFolder(), "file/below");
  expect(await prepareChromium(file.replace("/below", "\0"), NPM)).toMatchObject({ found: false });
});

// As miniflare runs it: in a process group of its own.
test("a browser goes with the process that launched it, and its profile too", async () => {
  const cache = newStateFolder();
  await prepareChromium(cache, NPM);
  const profile = join(cache, "browser-rendering/profile-1");
  const launcher = spawn(
    process.execPath,
    [
      "--eval",
      `const child = require("node:child_process").spawn(process.argv[1], process.argv.slice(2),
        { detached: true, stdio: ["ignore", "ignore", "inherit"] });
      console.log(child.pid); setInterval(() => {}, 1000);`,
      wrapperIn(cache),
      "--headless=new",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  onTestFinished(() => void launcher.kill("SIGKILL"));
  const browser = await firstLine(launcher, "stdout", /^(\d+)$/);
  await firstLine(launcher, "stderr", /DevTools listening/);
  expect(isRunning(Number(browser))).toBe(true);
  expect(existsSync(profile)).toBe(true);

  launcher.kill("SIGKILL");
  await waitFor(() => !isRunning(Number(browser)), { what: "the browser to go" });
  await waitFor(() => !existsSync(profile), { what: "the profile to go" });
});

async function firstLine(of: ChildProcess, from: "stdout" | "stderr", form: RegExp) {
  const stream = of[from];
  if (!stream) throw new Error("not piped");
  for await (const line of createInterface({ input: stream })) {
    const found = form.exec(line);
    if (found) return found[1] ?? line;
  }
  throw new Error(`${from} ended`);
}

/** True while any process of the browser's group runs. */
function isRunning(group: number): boolean {
  return listProcesses().some((entry) => entry.group === group && entry.state !== "Z");
}
