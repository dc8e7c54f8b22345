/** `npm start`: everything on this machine. */
import { readArguments } from "./arguments.ts";
import { languageOf } from "./language.ts";
import { LocalError } from "./local-error.ts";
import { messagesIn } from "./messages.ts";
import { deliverOnce } from "./once.ts";
import { welcomeText } from "./print-welcome.ts";
import { type Run, type Session, startSession } from "./session.ts";
import { readSettings } from "./settings.ts";
import { stopSignal } from "./stop-signal.ts";

const say = messagesIn(languageOf(process.env));
const print = (line: string) => console.log(line);

try {
  const { once, withPortal, help } = readArguments(process.argv.slice(2), say);
  if (help) print(say.help);
  else await runSession(once, withPortal);
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
process.exit();

async function runSession(once: boolean, withPortal: boolean): Promise<void> {
  const signal = stopSignal();
  const settings = readSettings(process.env, say);
  const printActivity = once ? () => {} : print;
  const run: Run = { settings, withPortal, say, print, printActivity, signal, cleanups: [] };
  try {
    const session = await startSession(run);
    if (once) await deliverOnce(run, session);
    else if (session) await serve(run, session);
  } finally {
    if (signal.aborted) print(say.stopping);
    // The folder is let go last: nobody may start on it while wrangler still writes there.
    for (const cleanup of run.cleanups.toReversed()) await cleanup().catch(() => {});
  }
}

/** Says what there is, then waits for Ctrl-C. Throws when wrangler ends by itself. */
async function serve({ settings, signal }: Run, session: Session): Promise<void> {
  const { chromium } = session;
  if (!chromium.found) print(say.noChromium(chromium.looked));
  const { secrets, demoFault, portal } = session;
  if (demoFault) print(demoFault);
  if (portal && "fault" in portal) print(portal.fault);
  const shown = portal && "url" in portal ? portal : undefined;
  print(welcomeText({ settings, secrets, say, portal: shown }));
  const stopped = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
    if (signal.aborted) resolve(undefined);
  });
  const code = await Promise.race([session.wranglerExited, stopped]);
  if (code !== undefined && !signal.aborted) {
    throw new LocalError(say.wranglerDied(code, session.logPath));
  }
}
