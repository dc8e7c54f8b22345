/** `npm start`: everything on this machine. */
import { readArguments } from "./arguments.ts";
import { findChromium } from "./chromium.ts";
import { languageOf } from "./language.ts";
import { LocalError } from "./local-error.ts";
import { messagesIn } from "./messages.ts";
import { deliverOnce } from "./once.ts";
import { welcomeText } from "./print-welcome.ts";
import { type Cleanup, type Session, startSession } from "./session.ts";
import { readSettings, type Settings } from "./settings.ts";
import { stopSignal } from "./stop-signal.ts";

const say = messagesIn(languageOf(process.env));
const print = (line: string) => console.log(line);
const signal = stopSignal();

try {
  const { once, help } = readArguments(process.argv.slice(2), say);
  if (help) print(say.help);
  else await runSession(readSettings(process.env, say), once);
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
process.exit();

async function runSession(settings: Settings, once: boolean): Promise<void> {
  const cleanups: Cleanup[] = [];
  try {
    const session = await startSession(
      settings,
      say,
      print,
      once ? () => {} : print,
      signal,
      cleanups,
    );
    if (!session) return;
    if (once) await deliverOnce(settings, session, say, print, signal);
    else await serve(settings, session);
  } finally {
    if (signal.aborted) print(say.stopping);
    await Promise.allSettled(cleanups.map((cleanup) => cleanup()));
  }
}

/** Says what there is, then waits for Ctrl-C. Throws when wrangler ends by itself. */
async function serve(settings: Settings, session: Session): Promise<void> {
  const chromium = findChromium(process.env);
  if (!chromium.found) print(say.noChromium(chromium.looked));
  print(welcomeText(settings, session.secrets, say));
  const stopped = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
    if (signal.aborted) resolve(undefined);
  });
  const code = await Promise.race([session.wranglerExited, stopped]);
  if (code !== undefined && !signal.aborted) {
    throw new LocalError(say.wranglerDied(code, session.logPath));
  }
}
