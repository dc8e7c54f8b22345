import type { Command } from "commander";
import { languageOf } from "../local/language.ts";
import { addCommonOptions, commonOptions, findTarget } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import type { ExitCode } from "./exit-codes.ts";
import { registerTail } from "./tail.ts";
import { keyOf } from "./target.ts";

/** `tail`: finds the deployment and ends as every other command does. */
export function registerFollow(program: Command, cli: Cli): void {
  const command = registerTail(program, {
    resolveApi: async (called) => {
      const target = findTarget(cli, commonOptions(called));
      return { url: target.url, key: keyOf(target, cli.say) };
    },
    language: languageOf(cli.env),
    stdout: cli.stdout,
    stderr: cli.stderr,
    signal: cli.signal,
    exit(code) {
      if (code !== 0) throw new CliError("", code as ExitCode);
    },
  });
  addCommonOptions(command, cli.say);
}
