import { Command } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { addCommonOptions } from "./call.ts";
import type { Cli } from "./cli.ts";
import { helpIn } from "./help-texts.ts";
import { REGISTRATIONS } from "./registrations.ts";

/** The whole command line. It throws instead of ending the process, and prints no error by itself. */
export function createProgram(cli: Cli): Command {
  const { say, stdout, stderr } = cli;
  const program = new Command("baton");
  program
    .description(say.about)
    .version(packageJson.version, "-V, --version", say.commands.versionOption)
    .helpOption("-h, --help", say.commands.helpOption)
    .helpCommand(false)
    // What stands after a command is the command's: `destinations create --url` is the destination's.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => {},
      // The texts are coloured nowhere, and wrapped to the terminal.
      getOutHelpWidth: () => stdout.columns ?? 120,
      getErrHelpWidth: () => stderr.columns ?? 120,
    })
    .configureHelp(helpIn(say))
    .addHelpText("after", say.afterHelp);
  addCommonOptions(program, say);
  for (const register of REGISTRATIONS) register(program, cli);
  // `help` of our own stands at the top; groups have `--help`.
  for (const group of program.commands) group.helpCommand(false);
  return program;
}
