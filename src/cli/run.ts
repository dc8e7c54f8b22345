import { CommanderError } from "commander";
import { printable } from "../local/printable.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { complete, offerNames } from "./complete.ts";
import { COMPLETE } from "./completion.ts";
import { MAX_ERROR_CHARS } from "./constants.ts";
import { EXIT } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { usageFault } from "./usage-fault.ts";

/** Runs one command line (without `node baton`). Gives the exit code; an error is one line on stderr. */
export async function run(cli: Cli, words: readonly string[]): Promise<number> {
  const program = createProgram(cli);
  try {
    if (words[0] === COMPLETE) {
      const found = await complete(program, words.slice(1), offerNames(cli));
      if (found.length > 0) cli.stdout.write(`${found.join("\n")}\n`);
      return EXIT.ok;
    }
    await program.parseAsync([...words], { from: "user" });
    return EXIT.ok;
  } catch (error) {
    const { message, exitCode } = faultOf(error, cli, () => usageFault(program, words, error, cli));
    if (message) cli.stderr.write(`baton: ${message}\n`);
    return exitCode;
  }
}

function faultOf(error: unknown, { say }: Cli, ofUsage: () => CliError | undefined) {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) {
    // Help that was asked for is no fault; help instead of a command is.
    if (error.exitCode === 0) return { message: "", exitCode: EXIT.ok };
    return ofUsage() ?? { message: "", exitCode: EXIT.usage };
  }
  const why = printable(error instanceof Error ? error.message : String(error), MAX_ERROR_CHARS);
  return { message: say.errors.internal(why), exitCode: EXIT.internal };
}
