import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { readText } from "./read-value.ts";

/**
 * A password: from the environment, from stdin, or from a person, who sees nothing of it. Never from the command line,
 * where others can read it.
 */
export async function readPassword(cli: Cli): Promise<string> {
  const { env, say, stdin, stderr } = cli;
  const given = env.BATON_PORTAL_PASSWORD;
  const password =
    given ||
    (stdin.isTTY && stderr.isTTY
      ? await ask(cli)
      : (await readText(cli, "-")).replace(/\r?\n$/, ""));
  if (password === "") throw new CliError(say.portals.noPassword);
  return password;
}

async function ask({ stdin, stderr, say, signal }: Cli): Promise<string> {
  // What is typed goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  stderr.write(say.portals.askPassword);
  try {
    const asked = lines.question("", { signal });
    return await Promise.race([asked, once(lines, "close", { signal }).then(() => "")]);
  } catch {
    throw new CliError(say.errors.interrupted, EXIT.interrupted);
  } finally {
    stderr.write("\n");
    lines.close();
  }
}
