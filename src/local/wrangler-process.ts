import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { HEALTH_TIMEOUT_MS, POLL_MS, READY_DEADLINE_MS, TAIL_LINES } from "./constants.ts";
import { LocalError } from "./local-error.ts";
import type { LogFile } from "./log-file.ts";
import type { Messages } from "./messages.ts";
import { freePort } from "./ports.ts";
import { type ProcessGroup, startGroup } from "./process-group.ts";
import { ROOT, type Settings } from "./settings.ts";
import { waitUntil } from "./wait-until.ts";

export type Wrangler = ProcessGroup & { isReady: (signal: AbortSignal) => Promise<boolean> };

/** Starts the five Workers in one local runtime. Every line of output goes to the log file and to `onLine`. */
export async function startWrangler(
  settings: Settings,
  configs: readonly string[],
  log: LogFile,
  onLine: (line: string) => void,
  say: Messages,
): Promise<Wrangler> {
  const tail: string[] = [];
  const inspectorPort = await freePort();
  const group = startGroup(wranglerScript(), wranglerArguments(settings, configs, inspectorPort), {
    cwd: ROOT,
    env: wranglerEnvironment(settings.state),
    onLine(output) {
      const line = log.write(output);
      tail.push(line);
      if (tail.length > TAIL_LINES) tail.shift();
      onLine(line);
    },
  });
  let ended = false;
  void group.exited.then(() => {
    ended = true;
  });

  /** True once the app host answers; false when the session is told to stop meanwhile. */
  async function isReady(signal: AbortSignal): Promise<boolean> {
    const answer = await waitUntil(
      async () => ended || ((await isHealthy(settings.origin, signal)) && "ready"),
      READY_DEADLINE_MS,
      POLL_MS,
      signal,
    );
    if (answer === "ready") return true;
    if (signal.aborted) return false;
    const reason = ended
      ? say.wranglerDied(await group.exited, log.path)
      : say.notReady(READY_DEADLINE_MS / 1000, log.path);
    throw new LocalError([reason, ...tail].join("\n"));
  }
  return { ...group, isReady };
}

/** Where the browser binding looks for its browser. */
export function browserCache(state: string): string {
  return join(state, "cache");
}

/** The variables wrangler needs to stay quiet, offline, and apart from other sessions. */
export function wranglerEnvironment(state: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    WRANGLER_SEND_METRICS: "false",
    WRANGLER_SEND_ERROR_REPORTS: "false",
    WRANGLER_WRITE_LOGS: "false",
    WRANGLER_HIDE_BANNER: "true",
    // It would keep a trace of every outgoing call in a file: Slack's URLs, which are secrets, among them.
    X_LOCAL_OBSERVABILITY: "false",
    // A page that shows the databases to whoever reaches the port, which `BATON_HOST=0.0.0.0` opens to the LAN.
    X_LOCAL_EXPLORER: "false",
    WRANGLER_REGISTRY_PATH: join(state, "registry"),
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    XDG_CACHE_HOME: browserCache(state),
    NO_COLOR: "1",
    FORCE_COLOR: "0",
  };
}

function wranglerArguments(
  settings: Settings,
  configs: readonly string[],
  inspectorPort: number,
): string[] {
  return [
    "dev",
    ...configs.flatMap((path) => ["-c", path]),
    `--ip=${settings.host}`,
    `--port=${settings.port}`,
    `--inspector-port=${inspectorPort}`,
    `--persist-to=${settings.state}`,
    "--show-interactive-dev-session=false",
    // Workers write their own lines with console.log, which wrangler shows from this level on.
    "--log-level=log",
  ];
}

/** Not the launcher in node_modules/.bin: it would be one more process between us and the runtime. */
function wranglerScript(): string {
  const manifest = createRequire(import.meta.url).resolve("wrangler/package.json");
  return join(dirname(manifest), "wrangler-dist/cli.js");
}

async function isHealthy(origin: string, stop: AbortSignal): Promise<boolean> {
  try {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(HEALTH_TIMEOUT_MS)]);
    const answer = await fetch(`${origin}/health`, { signal });
    await answer.body?.cancel();
    return answer.status === 200;
  } catch {
    return false;
  }
}
