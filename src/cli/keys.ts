import type { Command } from "commander";
import type { ApiKey } from "../api-keys/schemas.ts";
import { addDataOption, type CommonFields, readBody } from "./body-fields.ts";
import type { Cli } from "./cli.ts";
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

export const KEYS: Resource<ApiKey> = {
  name: "keys",
  path: () => "/api-keys",
  idPrefix: "key",
  one: "key",
  names: ({ name }) => [name],
  columns: ({ columns }) => [
    { title: columns.id, of: ({ id }) => id },
    { title: columns.name, of: ({ name }) => name },
    { title: columns.scopes, of: ({ scopes }) => scopes },
    { title: columns.key, of: ({ hint }) => `…${hint}` },
    { title: columns.createdAt, of: ({ createdAt }) => createdAt },
  ],
  isListOnly: true,
};

type Options = CommonFields & { name?: string; scopes?: string };

export function registerKeys(program: Command, cli: Cli): void {
  const command = program.command("keys").description(cli.say.commands.groups.keys);
  const group = { cli, command, resource: KEYS, place: NO_OWNER };
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
      command.option("--name <name>", say.name);
      if (isNew) command.option("--scopes <scopes>", say.scopes);
      return addDataOption(command, cli);
    },
    read: (call, options) =>
      readBody(call, options, {
        name: options.name,
        scopes: options.scopes?.split(",").map((scope) => scope.trim()),
      }),
  };
}
