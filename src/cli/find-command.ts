import type { Command } from "commander";

/** The command that the words lead to, and the words after it. Options and their values are passed over. */
export function findCommand(
  program: Command,
  words: readonly string[],
): { command: Command; rest: string[] } {
  let command = program;
  let rest = [...words];
  for (;;) {
    const at = firstOperand(command, rest);
    const next = command.commands.find((candidate) => candidate.name() === rest[at]);
    if (!next) return { command, rest };
    command = next;
    rest = rest.slice(at + 1);
  }
}

function firstOperand(command: Command, words: readonly string[]): number {
  let i = 0;
  while (words[i]?.startsWith("-")) i += takesValue(command, words[i] ?? "") ? 2 : 1;
  return i;
}

/** True when the next word is the option's value. */
export function takesValue(command: Command, word: string): boolean {
  return optionOf(command, word)?.required === true;
}

export function optionOf(command: Command, word: string) {
  return command.options.find(({ long, short }) => long === word || short === word);
}

/** `baton sources create`: how a command is called. */
export function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
