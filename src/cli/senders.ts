import type { Command } from "commander";
import type { Sender } from "../senders/schemas.ts";
import { addDataOption, type CommonFields, jsonOf, readBody } from "./body-fields.ts";
import type { Cli } from "./cli.ts";
import { type Resource, resolveId } from "./resource.ts";
import {
  addCreate,
  addGet,
  addList,
  addRemove,
  addUpdate,
  type Fields,
  type Place,
} from "./resource-commands.ts";
import { SOURCES } from "./sources.ts";

export const SENDERS: Resource<Sender> = {
  name: "senders",
  path: (sourceId) => `/sources/${encodeURIComponent(sourceId)}/senders`,
  idPrefix: "snd",
  one: "sender",
  names: ({ name }) => [name],
  columns: ({ columns }) => [
    { title: columns.id, of: ({ id }) => id },
    { title: columns.name, of: ({ name }) => name },
    { title: columns.state, of: ({ state }) => state },
    { title: columns.key, of: ({ keyHint }) => keyHint && `…${keyHint}` },
    { title: columns.match, of: ({ match }) => match },
    { title: columns.phone, of: ({ phone }) => phone },
  ],
};

const OF_SOURCE: Place = {
  args: "<source> ",
  read: async (call, [source = "", ...rest]) => ({
    ownerId: await resolveId(call, SOURCES, source),
    rest,
  }),
};

type Options = CommonFields & {
  name?: string;
  match?: string;
  phone?: string;
  state?: string;
  ownKey?: string;
};

export function registerSenders(program: Command, cli: Cli): void {
  const command = program.command("senders").description(cli.say.commands.groups.senders);
  const group = { cli, command, resource: SENDERS, place: OF_SOURCE };
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
      command
        .option("--name <name>", say.name)
        .option("--match <json>", say.senderMatch)
        .option("--phone <number>", say.senderPhone)
        .option("--state <state>", say.state);
      if (isNew) command.option("--own-key <key>", say.ownKey);
      return addDataOption(command, cli);
    },
    read: async (call, options) =>
      readBody(call, options, {
        name: options.name,
        state: options.state,
        phone: options.phone === "none" ? null : options.phone,
        key: options.ownKey,
        match: await jsonOf(cli, "--match", options.match),
      }),
  };
}
