import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { browserScript, NO_BROWSER_SCRIPT, writeWrapper } from "./chrome-wrapper.ts";
import { type Candidate, listChromium, lookedAt } from "./chromium.ts";
import { TRY_BROWSER_MS } from "./constants.ts";
import { unpackChromium } from "./unpack-chromium.ts";

/** What the browser binding will run; or where was looked in vain. */
export type Chromium = { found: true; path: string } | { found: false; looked: string };

/**
 * Makes the local browser binding work offline: the first browser that starts stands behind the path at which miniflare
 * looks below `cache` (its XDG_CACHE_HOME). Without any, launches fail at once instead of downloading one.
 */
export async function prepareChromium(cache: string, env: NodeJS.ProcessEnv): Promise<Chromium> {
  try {
    for (const candidate of listChromium(env)) {
      const browser = await scriptFor(candidate).catch(() => undefined);
      if (!browser) continue;
      const wrapper = await writeWrapper(cache, browser.script);
      if (await starts(wrapper)) return { found: true, path: browser.path };
    }
    await writeWrapper(cache, NO_BROWSER_SCRIPT);
  } catch {
    // No folder to write to, or a platform that miniflare has no browser for: the session runs without one.
  }
  return { found: false, looked: lookedAt(env) };
}

async function scriptFor(candidate: Candidate): Promise<{ path: string; script: string }> {
  const isRoot = process.getuid?.() === 0;
  if (candidate.from === "file") {
    const { path } = candidate;
    return { path, script: browserScript(path, {}, isRoot ? ["--no-sandbox"] : []) };
  }
  const { path, env } = await unpackChromium();
  // The package has no helper for a sandbox; without a graphics card it would wait for one.
  return { path, script: browserScript(path, env, ["--no-sandbox", "--disable-gpu"]) };
}

/** True when a browser opens its port for us, as miniflare will ask it to. */
async function starts(wrapper: string): Promise<boolean> {
  const profile = await mkdtemp(join(tmpdir(), "baton-chromium-"));
  const args = ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  const child = spawn(wrapper, [...args, "about:blank"], {
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("exit", () => resolve());
  });
  const timer = setTimeout(() => killGroup(child), TRY_BROWSER_MS);
  const listens = await isListening(child);
  clearTimeout(timer);
  killGroup(child);
  await ended;
  await rm(profile, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  return listens;
}

async function isListening(child: ChildProcess): Promise<boolean> {
  if (!child.stderr) return false;
  child.once("error", () => child.stderr?.destroy());
  for await (const line of createInterface({ input: child.stderr })) {
    if (line.startsWith("DevTools listening on ws://")) return true;
  }
  return false;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
