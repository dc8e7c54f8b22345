import type { Command } from "commander";
import { openCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { SHELLS } from "./completion.ts";
import { COMPLETION_TIMEOUT_MS, MAX_PAGE_SIZE } from "./constants.ts";
import { DESTINATIONS } from "./destinations.ts";
import { findCommand, optionOf, takesValue } from "./find-command.ts";
import { PORTALS } from "./portal-resource.ts";
import { readPages } from "./read-pages.ts";
import type { Resource } from "./resource.ts";
import { RULES } from "./rules.ts";
import { SOURCES } from "./sources.ts";

type Named = { names: () => Promise<string[]> };

/** What the last of the words may become. `offer` gives the names of a kind of thing, e.g. `source`. */
export async function complete(
  program: Command,
  words: readonly string[],
  offer: (kind: string) => Promise<string[]>,
): Promise<string[]> {
  // `help sources c` goes on as `sources c` does.
  const before = words.slice(words[0] === "help" ? 1 : 0, -1);
  const last = words.at(-1) ?? "";
  const { command, rest } = findCommand(program, before);
  const found = await candidates(command, rest, last, offer);
  return found.filter((candidate) => candidate.startsWith(last));
}

async function candidates(
  command: Command,
  rest: readonly string[],
  last: string,
  offer: (kind: string) => Promise<string[]>,
): Promise<string[]> {
  const option = optionOf(command, rest.at(-1) ?? "");
  if (option?.required) return offer(option.attributeName());
  if (last.startsWith("-")) return ["--help", ...command.options.flatMap(({ long }) => long ?? [])];
  const operands = rest.filter(
    (word, i) => !word.startsWith("-") && !takesValue(command, rest[i - 1] ?? ""),
  );
  if (command.commands.length > 0) {
    return operands.length > 0 ? [] : command.commands.map((child) => child.name());
  }
  if (command.name() === "completion") return [...SHELLS];
  return offer(command.registeredArguments[operands.length]?.name() ?? "");
}

/** Names from the deployment; a shell is never told of an error. */
export function offerNames(cli: Cli): (kind: string) => Promise<string[]> {
  const kinds: Record<string, Named> = {
    source: { names: () => namesOf(cli, SOURCES) },
    destination: { names: () => namesOf(cli, DESTINATIONS) },
    rule: { names: () => namesOf(cli, RULES) },
    portal: { names: () => namesOf(cli, PORTALS) },
  };
  return async (kind) =>
    Object.hasOwn(kinds, kind) ? ((await kinds[kind]?.names().catch(() => [])) ?? []) : [];
}

async function namesOf<T extends { id: string }>(cli: Cli, resource: Resource<T>) {
  const quiet = { ...cli, stderr: { ...cli.stderr, isTTY: false, write: () => true } as never };
  const { api } = openCall(quiet, {}, COMPLETION_TIMEOUT_MS);
  const items = await readPages<T>(api, resource.path(""), {}, MAX_PAGE_SIZE);
  return items.map((item) => safeName(resource.names(item)[0] ?? "", item.id));
}

/** A shell puts this on its line as it is: a name with anything that it could read as a command is left to the id. */
function safeName(name: string, id: string): string {
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u.test(name) ? name : id;
}
