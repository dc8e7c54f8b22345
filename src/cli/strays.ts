import type { Command } from "commander";
import type { Stray } from "../strays/schemas.ts";
import type { Cli } from "./cli.ts";
import { listCommand } from "./list-command.ts";
import type { Column } from "./table.ts";
import type { Texts } from "./texts.ts";

const strayColumns = ({ columns }: Texts): Column<Stray>[] => [
  { title: columns.receivedAt, of: ({ receivedAt }) => receivedAt },
  { title: columns.reason, of: ({ reason }) => reason },
  { title: columns.method, of: ({ method }) => method },
  { title: columns.host, of: ({ host }) => host },
  { title: columns.path, of: ({ path }) => path },
  { title: columns.size, of: ({ size }) => size },
  { title: columns.ip, of: ({ ip }) => ip },
];

export function registerStrays(program: Command, cli: Cli): void {
  const { commands } = cli.say;
  const strays = program.command("strays").description(commands.groups.strays);
  const ls = strays.command("ls").description(commands.strayList);
  listCommand<Stray>(cli, ls, strayColumns, async () => ({ path: "/strays", query: {} }));
}
