import type { Command } from "commander";
import type { Rule } from "../rules/schemas.ts";
import {
  addDataOption,
  addEnableOptions,
  type CommonFields,
  jsonOf,
  readBody,
} from "./body-fields.ts";
import type { Cli } from "./cli.ts";
import { DESTINATIONS } from "./destinations.ts";
import { listCommand } from "./list-command.ts";
import { readCountGiven } from "./read-value.ts";
import { type Resource, resolveGiven } from "./resource.ts";
import {
  addCreate,
  addGet,
  addRemove,
  addUpdate,
  type Fields,
  NO_OWNER,
} from "./resource-commands.ts";
import { addRuleTest } from "./rule-test.ts";
import { SOURCES } from "./sources.ts";

export const RULES: Resource<Rule> = {
  name: "rules",
  path: () => "/rules",
  idPrefix: "rul",
  one: "rule",
  names: ({ name }) => [name],
  columns: ({ columns }) => [
    { title: columns.id, of: ({ id }) => id },
    { title: columns.name, of: ({ name }) => name },
    { title: columns.order, of: ({ order }) => order },
    { title: columns.enabled, of: ({ enabled }) => enabled },
    { title: columns.source, of: ({ sourceId }) => sourceId },
    { title: columns.destination, of: ({ destinationId }) => destinationId },
    { title: columns.match, of: ({ match }) => match },
  ],
};

type Options = CommonFields & {
  source?: string;
  destination?: string;
  name?: string;
  order?: string;
  stop?: boolean;
  match?: string;
  transform?: string;
};

export function registerRules(program: Command, cli: Cli): void {
  const { say } = cli;
  const command = program.command("rules").description(say.commands.groups.rules);
  const group = { cli, command, resource: RULES, place: NO_OWNER };
  const ls = command
    .command("ls")
    .description(say.commands.ls.rules)
    .option("--source <source>", say.options.source);
  listCommand<Rule, { source?: string }>(cli, ls, RULES.columns, async (call, { source }) => ({
    path: "/rules",
    query: { sourceId: await resolveGiven(call, SOURCES, source) },
  }));
  addGet(group);
  addCreate(group, fieldsOf(cli));
  addUpdate(group, fieldsOf(cli));
  addRemove(group);
  addRuleTest(command, cli);
}

function fieldsOf(cli: Cli): Fields<Options> {
  const { options: say } = cli.say;
  return {
    add: (command) => {
      command
        .option("--source <source>", say.source)
        .option("--destination <destination>", say.destination)
        .option("--name <name>", say.name)
        .option("--match <json>", say.match)
        .option("--transform <json>", say.transform)
        .option("--order <n>", say.order)
        .option("--stop", say.stop)
        .option("--no-stop", say.noStop);
      return addDataOption(addEnableOptions(command, cli), cli);
    },
    read: async (call, options) => {
      const { source, destination, name, order, stop } = options;
      // What is wrong on the command line is said before anything is looked up.
      const match = await jsonOf(cli, "--match", options.match);
      const transform = await jsonOf(cli, "--transform", options.transform);
      return readBody(call, options, {
        name,
        match,
        transform,
        stop,
        order: readCountGiven(cli, "--order", order, 0, 1_000_000),
        sourceId: await resolveGiven(call, SOURCES, source),
        destinationId: await resolveGiven(call, DESTINATIONS, destination),
      });
    },
  };
}
