import type { Command } from "commander";
import { printable } from "../local/printable.ts";
import type { StoredDefinition } from "../portals/schemas.ts";
import { onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { confirm } from "./confirm.ts";
import { listCommand } from "./list-command.ts";
import { readJsonOption } from "./read-value.ts";

/** `portals definitions`: they have names, and no ids. */
export function registerPortalDefinitions(portals: Command, cli: Cli): void {
  const { portals: say, columns, options, deleted } = cli.say;
  const group = portals.command("definitions").description(say.definitions);
  group.helpCommand(false);
  const ls = group.command("ls").description(say.definitionsLs);
  listCommand<StoredDefinition>(
    cli,
    ls,
    () => [
      { title: columns.name, of: ({ name }) => name },
      { title: say.columns.shipped, of: ({ shipped }) => shipped },
    ],
    async () => ({ path: "/portal-definitions", query: {} }),
  );
  const get = group.command("get <name>").description(say.definitionsGet);
  onCall(cli, get, async (call, _, name = "") => {
    const found = await call.api.get<StoredDefinition>(pathOf(cli, name), "definition");
    // As it can be put again; `--json` says where it is from.
    call.print.value(call.print.json ? found : found.definition);
  });
  const put = group.command("put <name> <definition>").description(say.definitionsPut);
  onCall(cli, put, async (call, _, name = "", text = "") => {
    const body = await readJsonOption(cli, "<definition>", text);
    const path = pathOf(cli, name);
    const stored = await call.api.send<StoredDefinition>("PUT", path, "definition", body);
    if (call.print.json) call.print.value(stored);
    else call.print.line(cli.say.saved(stored.name));
  });
  const rm = group
    .command("rm <name>")
    .description(say.definitionsRm)
    .option("-y, --yes", options.yes);
  onCall<{ yes?: boolean }>(cli, rm, async (call, { yes }, name = "") => {
    const path = pathOf(cli, name);
    if (!yes) await confirm(cli, say.sureToDelete(name));
    await call.api.remove(path);
    if (call.print.json) call.print.value({ name, deleted: true });
    else call.print.line(deleted(name));
  });
}

/** Anything but a name, as `..`, would be another call. */
function pathOf(cli: Cli, name: string): string {
  if (/^[a-z0-9-]+$/.test(name)) return `/portal-definitions/${name}`;
  throw new CliError(cli.say.portals.badDefinitionName(printable(name, 80)));
}
