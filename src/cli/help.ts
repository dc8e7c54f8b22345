import type { Command } from "commander";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { findCommand } from "./find-command.ts";

/** `help [command]`, and `help exit-codes`. */
export function registerHelp(program: Command, cli: Cli): void {
  const { say } = cli;
  program
    .command("help [command...]")
    .description(say.commands.help)
    .action((words: string[]) => {
      if (words.join(" ") === "exit-codes") {
        cli.stdout.write(`${say.exitCodes}\n`);
        return;
      }
      const { command, rest } = findCommand(program, words);
      const [unknown] = rest;
      if (unknown !== undefined) {
        const { unknownCommand, see } = say.errors.usage;
        throw new CliError(`${unknownCommand(unknown)} ${see("baton")}`);
      }
      command.outputHelp();
    });
}
