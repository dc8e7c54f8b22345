import { type Command, CommanderError } from "commander";
import { printable } from "../local/printable.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { findCommand, fullName } from "./find-command.ts";
import type { Texts } from "./texts.ts";

/** What commander refuses, in one line of ours. Undefined where it has shown the help instead. */
export function usageFault(
  program: Command,
  words: readonly string[],
  error: unknown,
  { say }: Cli,
): CliError | undefined {
  if (!(error instanceof CommanderError) || error.code === "commander.help") return undefined;
  const { usage } = say.errors;
  const { command } = findCommand(program, words);
  const nearest = /\(Did you mean (?:one of )?([^)?]+)\?\)/.exec(error.message)?.[1];
  const hint = nearest ? usage.didYouMean(nearest) : "";
  return new CliError(`${sentence(error, say)}${hint} ${usage.see(fullName(command))}`);
}

function sentence({ code, message }: CommanderError, { errors: { usage } }: Texts): string {
  const said = /'([^]*?)'(?:\s|$)/.exec(message)?.[1] ?? "";
  // `--kee=bt_…`: what stands after the name may be secret.
  const name = printable(code === "commander.unknownOption" ? (said.split("=")[0] ?? "") : said);
  switch (code) {
    case "commander.unknownOption":
      return usage.unknownOption(name);
    case "commander.unknownCommand":
      return usage.unknownCommand(name);
    case "commander.missingArgument":
      return usage.missingArgument(name);
    case "commander.missingMandatoryOptionValue":
      return usage.missingOption(name);
    case "commander.optionMissingArgument":
      return usage.missingValue(name);
    case "commander.excessArguments":
      return usage.excess;
    default:
      return usage.other;
  }
}
