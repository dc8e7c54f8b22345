import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { randomSecret, toBase64 } from "../crypto.ts";
import { newId } from "../ids.ts";
import { LocalError } from "./local-error.ts";
import type { Messages } from "./messages.ts";
import { writePrivateFile } from "./write-private-file.ts";

const Secrets = z.object({
  /** Base64 of 32 bytes. */
  masterKey: z.string(),
  organizationId: z.string(),
  /** Scopes read, write, admin. */
  apiKey: z.string(),
  /** Scope read; the first page's own key. */
  pageKey: z.string(),
});
export type Secrets = z.infer<typeof Secrets>;

/** The keys of a state folder: made once, then the same at every start. */
export function loadSecrets(state: string, say: Messages): Secrets {
  const path = secretsPath(state);
  if (!existsSync(path)) {
    const made = makeSecrets();
    writePrivateFile(path, `${JSON.stringify(made, null, 2)}\n`);
    return made;
  }
  try {
    return Secrets.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // A new master key could not open what the old one sealed, so nothing is repaired silently.
    throw new LocalError(say.brokenSecrets(path));
  }
}

/** Gives the folder new API keys: the databases are seeded again at the next start. */
export function renewApiKeys(state: string, secrets: Secrets): void {
  const { apiKey, pageKey } = makeSecrets();
  writePrivateFile(
    secretsPath(state),
    `${JSON.stringify({ ...secrets, apiKey, pageKey }, null, 2)}\n`,
  );
}

function secretsPath(state: string): string {
  return join(state, "secrets.json");
}

function makeSecrets(): Secrets {
  return {
    masterKey: toBase64(crypto.getRandomValues(new Uint8Array(32))),
    organizationId: newId("organization"),
    apiKey: randomSecret("bt_"),
    pageKey: randomSecret("bt_"),
  };
}
