import { join } from "node:path";
import { JOB_TIMEOUT_MS } from "./constants.ts";
import { createDemo } from "./create-demo.ts";
import { declaredCrons } from "./declared-crons.ts";
import { writeConfigs } from "./derive-configs.ts";
import { eventLine, wranglerError } from "./event-lines.ts";
import { ApiError, type LocalApi, openLocalApi } from "./local-api.ts";
import { LocalError } from "./local-error.ts";
import { forgetPid, writeLocalFile } from "./local-file.ts";
import { openLogFile } from "./log-file.ts";
import type { Messages } from "./messages.ts";
import { openState } from "./open-state.ts";
import { prepareDatabases } from "./prepare-databases.ts";
import { describeReceived, startReceiver } from "./receiver.ts";
import { createRedactor, secretValues } from "./redact.ts";
import { loadSecrets, renewApiKeys, type Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { startTicker } from "./ticker.ts";
import { startWrangler } from "./wrangler-process.ts";
import { writePrivateFile } from "./write-private-file.ts";

export type Session = {
  api: LocalApi;
  secrets: Secrets;
  /** Wrangler's end, should it come before ours. */
  wranglerExited: Promise<string>;
  logPath: string;
};

export type Cleanup = () => Promise<void>;

/**
 * Starts everything, in the order in which each part needs the one before. `cleanups` gets what undoes it, so that
 * whoever called can stop a session that came only half way. Gives undefined when `signal` ended the start.
 */
export async function startSession(
  settings: Settings,
  say: Messages,
  print: (line: string) => void,
  /** What happens while the session runs: events, and what the receiver gets. */
  printActivity: (line: string) => void,
  signal: AbortSignal,
  cleanups: Cleanup[],
): Promise<Session | undefined> {
  const { state } = settings;
  const lock = await openState(settings, say);
  cleanups.push(async () => void lock.close());
  const receiver = await startReceiver(settings.receiverPort, (request) =>
    printActivity(`  ${say.received} ${describeReceived(request)}`),
  );
  cleanups.push(receiver.close);

  const secrets = loadSecrets(state, say);
  const clean = createRedactor([...Object.values(secrets), ...secretValues(settings.vars)]);
  const log = openLogFile(join(state, "wrangler.log"), clean);
  const configs = writeConfigs(settings, secrets);
  print(say.preparing);
  await prepareDatabases(state, secrets, log, say, signal);
  if (signal.aborted) return undefined;

  print(say.starting);
  let isStarted = false;
  const wrangler = await startWrangler(
    settings,
    configs,
    log,
    (line) => {
      const text = isStarted ? eventLine(clean(line), say) : wranglerError(line, say);
      if (text) printActivity(text);
    },
    say,
  );
  cleanups.push(wrangler.stop);
  // For tests that kill a session: the group to kill is not only ours.
  const pids = { pid: process.pid, wranglerPid: wrangler.pid };
  writePrivateFile(join(state, "processes.json"), JSON.stringify(pids));
  if (!(await wrangler.isReady(signal))) return undefined;
  isStarted = true;

  const api = openLocalApi(settings.origin, secrets.apiKey, signal);
  await setUpDemo(settings, secrets, api, say, print, signal);
  if (signal.aborted) return undefined;
  const ticker = startTicker(
    declaredCrons(say, print),
    settings.tickMs,
    (name) => api.post(`/jobs/${name}/run`, undefined, JOB_TIMEOUT_MS),
    (name, error) => signal.aborted || print(say.jobFailed(name, (error as Error).message)),
  );
  cleanups.push(async () => ticker.stop());
  writeLocalFile(settings, secrets);
  cleanups.push(async () => forgetPid(settings.localFile));
  return { api, secrets, wranglerExited: wrangler.exited, logPath: log.path };
}

/** The demo is a convenience: when it cannot be made, the session still runs and says why. */
async function setUpDemo(
  settings: Settings,
  secrets: Secrets,
  api: LocalApi,
  say: Messages,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    await createDemo(api, settings.receiverUrl);
  } catch (error) {
    if (signal.aborted) return;
    if (error instanceof ApiError && error.status === 401) {
      renewApiKeys(settings.state, secrets);
      throw new LocalError(say.apiKeyDeleted);
    }
    print(say.demoFailed((error as Error).message));
  }
}
