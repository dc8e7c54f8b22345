import type { Command } from "commander";
import type { Source } from "../sources/schemas.ts";
import {
  addDataOption,
  addEnableOptions,
  type CommonFields,
  collect,
  jsonOf,
  readBody,
} from "./body-fields.ts";
import type { Cli } from "./cli.ts";
import { readCountGiven } from "./read-value.ts";
import type { Resource } from "./resource.ts";
import {
  addCreate,
  addGet,
  addList,
  addRemove,
  addUpdate,
  type Fields,
  NO_OWNER,
} from "./resource-commands.ts";

export const SOURCES: Resource<Source> = {
  name: "sources",
  path: () => "/sources",
  idPrefix: "src",
  one: "source",
  names: ({ slug, name }) => [slug, name],
  columns: ({ columns }) => [
    { title: columns.id, of: ({ id }) => id },
    { title: columns.slug, of: ({ slug }) => slug },
    { title: columns.name, of: ({ name }) => name },
    { title: columns.preset, of: ({ preset }) => preset },
    { title: columns.enabled, of: ({ enabled }) => enabled },
    { title: columns.url, of: ({ url }) => url },
  ],
};

type Options = CommonFields & {
  slug?: string;
  name?: string;
  preset?: string;
  hostname?: string[];
  retentionDays?: string;
  requireSender?: boolean;
  verification?: string;
  dedup?: string;
  response?: string;
};

export function registerSources(program: Command, cli: Cli): void {
  const command = program.command("sources").description(cli.say.commands.groups.sources);
  const group = { cli, command, resource: SOURCES, place: NO_OWNER };
  addList(group);
  addGet(group);
  addCreate(group, fieldsOf(cli, true));
  addUpdate(group, fieldsOf(cli, false));
  addRemove(group);
}

function fieldsOf(cli: Cli, isNew: boolean): Fields<Options> {
  const { options: say } = cli.say;
  return {
    add: (command) => {
      if (isNew) command.option("--slug <slug>", say.slug);
      command
        .option("--name <name>", say.name)
        .option("--preset <preset>", say.preset)
        .option("--hostname <name>", say.hostname, collect)
        .option("--retention-days <days>", say.retentionDays)
        .option("--require-sender", say.requireSender)
        .option("--no-require-sender", say.noRequireSender)
        .option("--verification <json>", say.verification)
        .option("--dedup <json>", say.dedup)
        .option("--response <json>", say.response);
      return addDataOption(addEnableOptions(command, cli), cli);
    },
    read: async (call, options) => {
      const { slug, name, preset, hostname, retentionDays, requireSender } = options;
      return readBody(call, options, {
        slug,
        name,
        preset,
        hostnames: hostname,
        retentionDays: readCountGiven(cli, "--retention-days", retentionDays, 1, 36_500),
        requireSender,
        verification: await jsonOf(cli, "--verification", options.verification),
        dedup: await jsonOf(cli, "--dedup", options.dedup),
        response: await jsonOf(cli, "--response", options.response),
      });
    },
  };
}
