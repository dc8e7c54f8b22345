import type { Command } from "commander";
import type { Query } from "./api.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { DEFAULT_LIST_LIMIT } from "./constants.ts";
import { pagesOf } from "./read-pages.ts";
import { readCount } from "./read-value.ts";
import type { Column } from "./table.ts";
import type { Texts } from "./texts.ts";

type ListOptions = { limit?: string; all?: boolean };

/** Makes a command a list that pages through cursors: `--limit`, or `--all` with progress. */
export function listCommand<T, Options extends object = object>(
  cli: Cli,
  command: Command,
  columns: (say: Texts) => Column<T>[],
  find: (
    call: Call,
    options: Options,
    ...args: string[]
  ) => Promise<{ path: string; query: Query }>,
): Command {
  command
    .option("--limit <n>", cli.say.options.limit(DEFAULT_LIST_LIMIT))
    .option("--all", cli.say.options.all);
  return onCall<Options & ListOptions>(cli, command, async (call, options, ...args) => {
    const limit = readLimit(cli, options);
    const { path, query } = await find(call, options, ...args);
    await printList(call, { path, query, limit, columns: columns(cli.say) });
  });
}

function readLimit(cli: Cli, { limit, all }: ListOptions): number {
  if (limit !== undefined && all) throw new CliError(cli.say.errors.limitAndAll);
  if (all) return Number.POSITIVE_INFINITY;
  if (limit === undefined) return DEFAULT_LIST_LIMIT;
  return readCount(cli, "--limit", limit, 1, 1_000_000);
}

async function printList<T>(
  { api, say, print, progress, cli }: Call,
  list: { path: string; query: Query; limit: number; columns: Column<T>[] },
): Promise<void> {
  const { path, query, limit, columns } = list;
  const printed = print.openList(columns);
  let shown = 0;
  let rest = false;
  for await (const { items, count, more } of pagesOf<T>(api, path, query, limit)) {
    // Rows may come to the same terminal.
    progress.end();
    printed.add(items);
    [shown, rest] = [count, more];
    if (more && count < limit) progress.show(say.progress.reading(count), count);
  }
  printed.end();
  // Beside the list and not in it: what reads the list is not to read this.
  if (rest && cli.stderr.isTTY) cli.stderr.write(`${say.more(shown)}\n`);
}
