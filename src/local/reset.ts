/** `npm run reset`: empties the local data. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { languageOf } from "./language.ts";
import { LocalError } from "./local-error.ts";
import { messagesIn } from "./messages.ts";
import { isStateLocked } from "./session-lock.ts";
import { readSettings } from "./settings.ts";

/** What a session writes. Only these go: the folder is the user's to name, and may hold other things. */
const OWN_ENTRIES = [
  "v3",
  "tmp",
  "cache",
  "configs",
  "registry",
  "secrets.json",
  "processes.json",
  "prepared.txt",
  "wrangler.log",
  "wrangler.log.1",
];

const say = messagesIn(languageOf(process.env));
try {
  const { state, localFile } = readSettings(process.env, say);
  if (existsSync(state)) {
    if (await isStateLocked(state)) throw new LocalError(say.stateInUseForReset(state));
    for (const name of OWN_ENTRIES) rmSync(join(state, name), { recursive: true, force: true });
  }
  rmSync(localFile, { force: true });
  console.log(say.resetDone(state));
} catch (error) {
  if (!(error instanceof LocalError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
