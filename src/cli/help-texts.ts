import { type Command, Help, type Option } from "commander";
import type { Texts } from "./texts.ts";

const PLAIN = new Help();

/** What commander itself writes into a help, in the reader's language. */
export function helpIn(say: Texts): Partial<Help> {
  const words = (text: string) =>
    text.replace("[options]", say.help.options).replace("[command]", say.help.command);
  return {
    styleTitle: (title) => `${say.titles[title.replace(/:$/, "")] ?? title.replace(/:$/, "")}:`,
    commandUsage: (command: Command) => words(PLAIN.commandUsage(command)),
    subcommandTerm: (command: Command) => words(PLAIN.subcommandTerm(command)),
    optionDescription: (option: Option) => describe(option, say),
  };
}

function describe({ description, required, defaultValue, envVar }: Option, { help }: Texts) {
  const more = [
    ...(required && defaultValue !== undefined ? [help.default(String(defaultValue))] : []),
    ...(envVar ? [help.environment(envVar)] : []),
  ];
  return more.length > 0 ? `${description} (${more.join(", ")})` : description;
}
