import type { Command } from "commander";
import type { TokenIssuer } from "../tokens/schemas.ts";
import { addDataOption, type CommonFields, readBody } from "./body-fields.ts";
import type { Cli } from "./cli.ts";
import type { Resource } from "./resource.ts";
import {
  addCreate,
  addGet,
  addList,
  addRemove,
  type Fields,
  NO_OWNER,
} from "./resource-commands.ts";

const ISSUERS: Resource<TokenIssuer> = {
  name: "issuers",
  path: () => "/token-issuers",
  idPrefix: "iss",
  one: "issuer",
  names: ({ name, issuer }) => [name, issuer],
  columns: ({ columns }) => [
    { title: columns.id, of: ({ id }) => id },
    { title: columns.name, of: ({ name }) => name },
    { title: columns.issuer, of: ({ issuer }) => issuer },
    { title: columns.url, of: ({ jwksUrl }) => jwksUrl },
  ],
};

type Options = CommonFields & { name?: string; issuer?: string; jwksUrl?: string };

export function registerIssuers(program: Command, cli: Cli): void {
  const command = program.command("issuers").description(cli.say.commands.groups.issuers);
  const group = { cli, command, resource: ISSUERS, place: NO_OWNER };
  addList(group);
  addGet(group);
  addCreate(group, fieldsOf(cli));
  addRemove(group);
}

function fieldsOf(cli: Cli): Fields<Options> {
  const { options: say } = cli.say;
  return {
    add: (command) =>
      addDataOption(
        command
          .option("--name <name>", say.name)
          .option("--issuer <iss>", say.issuer)
          .option("--jwks-url <url>", say.jwksUrl),
        cli,
      ),
    read: (call, options) => {
      const { name, issuer, jwksUrl } = options;
      return readBody(call, options, { name, issuer, jwksUrl });
    },
  };
}
