import { chmodSync, mkdirSync } from "node:fs";
import type { Server } from "node:net";
import { join } from "node:path";
import { LocalError } from "./local-error.ts";
import type { Messages } from "./messages.ts";
import { assertPortsFree } from "./ports.ts";
import { isStateLocked, lockState } from "./session-lock.ts";
import type { Settings } from "./settings.ts";

/** Checks that nobody else uses the ports or the folder, and holds the folder. Nothing else is started before. */
export async function openState(settings: Settings, say: Messages): Promise<Server> {
  const { state } = settings;
  makeFolder(state, say);
  await assertPortsFree(settings, await isStateLocked(state), say);
  const lock = await lockState(state);
  if (!lock) throw new LocalError(say.stateInUse(state));
  return lock;
}

function makeFolder(state: string, say: Messages): void {
  try {
    mkdirSync(join(state, "configs"), { recursive: true });
    // The configs hold the master key, the databases what was captured.
    for (const folder of [state, join(state, "configs")]) chmodSync(folder, 0o700);
  } catch (error) {
    throw new LocalError(say.stateNotUsable(state, (error as NodeJS.ErrnoException).code ?? ""));
  }
}
