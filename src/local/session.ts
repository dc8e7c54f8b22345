import { join } from "node:path";
import { deriveIngestKey } from "../ingest-key.ts";
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
import { type Chromium, prepareChromium } from "./prepare-chromium.ts";
import { prepareDatabases } from "./prepare-databases.ts";
import { describeReceived, startReceiver } from "./receiver.ts";
import { createRedactor, secretValues, withoutSenderKeys } from "./redact.ts";
import { loadSecrets, renewApiKeys, type Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { type PortalDemo, startPortal } from "./start-portal.ts";
import { startTicker } from "./ticker.ts";
import { browserCache, startWrangler, type Wrangler } from "./wrangler-process.ts";
import { writePrivateFile } from "./write-private-file.ts";

/** What every part of a session needs. */
export type Run = {
  settings: Settings;
  /** The simulated portal runs beside the session. */
  withPortal: boolean;
  say: Messages;
  print: (line: string) => void;
  /** For what happens while the session runs: events, and what the receiver gets. */
  printActivity: (line: string) => void;
  /** Aborted when the session is to stop. */
  signal: AbortSignal;
  /** What undoes each started part, so that a session that came only half way can be stopped too. */
  cleanups: (() => Promise<void>)[];
};

export type Session = {
  api: LocalApi;
  secrets: Secrets;
  /** Wrangler's end, should it come before ours. */
  wranglerExited: Promise<string>;
  logPath: string;
  /** Why there is no demo, if there is none. */
  demoFault: string | undefined;
  chromium: Chromium;
  /** Undefined where none was asked for. */
  portal: PortalDemo | { fault: string } | undefined;
};

/** Starts everything, each part after the ones it needs. Gives undefined when the session is told to stop meanwhile. */
export async function startSession(run: Run): Promise<Session | undefined> {
  const { settings, say, print, signal, cleanups } = run;
  const lock = await openState(settings, say);
  cleanups.push(async () => void lock.close());
  const receiver = await startReceiver(settings.receiverPort, (request) =>
    run.printActivity(`  ${say.received} ${describeReceived(request)}`),
  );
  cleanups.push(receiver.close);

  const kept = loadSecrets(settings.state, say);
  const secrets = { ...kept, ingestKey: await deriveIngestKey(kept.masterKey) };
  const withoutSecrets = createRedactor([
    ...Object.values(secrets),
    ...secretValues(settings.vars),
    ...Object.values(settings.portalVars),
  ]);
  const clean = (line: string) => withoutSenderKeys(withoutSecrets(line));
  const log = openLogFile(join(settings.state, "wrangler.log"), clean);
  const configs = writeConfigs(settings, secrets);
  const chromium = prepareChromium(browserCache(settings.state), process.env);
  await prepareDatabases(run, secrets, log);
  if (signal.aborted) return undefined;

  print(say.starting);
  let toLine = wranglerError;
  const onLine = (output: string) => {
    const line = toLine(output, say);
    if (line) run.printActivity(line);
  };
  const wrangler = await startWrangler(settings, configs, log, onLine, say);
  cleanups.push(wrangler.stop);
  saveProcesses(settings.state, wrangler);
  if (!(await wrangler.isReady(signal))) return undefined;
  toLine = eventLine;

  const api = openLocalApi(settings.origin, secrets.apiKey, signal);
  const demoFault = await setUpDemo(run, api, kept);
  const portal = run.withPortal ? await setUpPortal(run, api) : undefined;
  if (signal.aborted) return undefined;
  runCrons(run, api);
  writeLocalFile(settings, secrets);
  cleanups.push(async () => forgetPid(settings.localFile));
  return {
    api,
    secrets,
    wranglerExited: wrangler.exited,
    logPath: log.path,
    demoFault,
    chromium: await chromium,
    portal,
  };
}

/** For tests that kill a session: wrangler has a process group of its own. */
function saveProcesses(state: string, wrangler: Wrangler): void {
  const processes = { pid: process.pid, wranglerPid: wrangler.pid };
  writePrivateFile(join(state, "processes.json"), JSON.stringify(processes));
}

/** The demo is a convenience: when it cannot be made, the session still runs. Gives the reason then. */
async function setUpDemo(run: Run, api: LocalApi, secrets: Secrets): Promise<string | undefined> {
  const { settings, say } = run;
  try {
    await createDemo(api, settings.receiverUrl);
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) {
      renewApiKeys(settings.state, secrets);
      throw new LocalError(say.apiKeyDeleted);
    }
    return say.demoFailed((error as Error).message);
  }
}

/** As the demo, it is not worth a session. */
async function setUpPortal(run: Run, api: LocalApi): Promise<PortalDemo | { fault: string }> {
  try {
    return await startPortal(run, api);
  } catch (error) {
    return { fault: run.say.portals.failed((error as Error).message) };
  }
}

function runCrons({ settings, say, print, signal, cleanups }: Run, api: LocalApi): void {
  const ticker = startTicker(
    declaredCrons(say, print),
    settings.tickMs,
    (name) => api.post(`/jobs/${name}/run`, undefined, JOB_TIMEOUT_MS),
    (name, error) => signal.aborted || print(say.jobFailed(name, (error as Error).message)),
  );
  cleanups.push(async () => ticker.stop());
}
