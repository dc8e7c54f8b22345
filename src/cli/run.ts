import { type Command, CommanderError } from "commander";
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
  try {
    return await runProgram(createProgram(cli), cli, words);
  } catch (error) {
    cli.stderr.write(`baton: ${internal(error, cli)}\n`);
    return EXIT.internal;
  }
}

async function runProgram(program: Command, cli: Cli, words: readonly string[]): Promise<number> {
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

function faultOf(error: unknown, cli: Cli, ofUsage: () => CliError | undefined) {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) {
    // Help that was asked for is no fault; help instead of a command is.
    if (error.exitCode === 0) return { message: "", exitCode: EXIT.ok };
    return ofUsage() ?? { message: "", exitCode: EXIT.usage };
  }
  return { message: internal(error, cli), exitCode: EXIT.internal };
}

function internal(error: unknown, { say }: Cli): string {
  const why = error instanceof Error ? error.message : String(error);
  return say.errors.internal(printable(why, MAX_ERROR_CHARS));
}
