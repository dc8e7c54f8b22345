import type { Command } from "commander";
import { addDataOption, addEnableOptions, type CommonFields, readBody } from "./body-fields.ts";
import type { Cli } from "./cli.ts";
import { registerPortalCredentials } from "./portal-credentials.ts";
import { registerPortalDefinitions } from "./portal-definitions.ts";
import { registerPortalEvidence } from "./portal-evidence.ts";
import { registerPortalPair } from "./portal-pair.ts";
import { registerPortalRequest } from "./portal-request.ts";
import { PORTALS } from "./portal-resource.ts";
import {
  addCreate,
  addGet,
  addList,
  addRemove,
  addUpdate,
  type Fields,
  NO_OWNER,
} from "./resource-commands.ts";

type Options = CommonFields & {
  name?: string;
  definition?: string;
  baseUrl?: string;
  onDeploy?: string;
  default?: boolean;
};

/** `portals`: the sites, their accounts, definitions and sessions. */
export function registerPortals(program: Command, cli: Cli): void {
  const command = program.command("portals").description(cli.say.portals.group);
  const group = { cli, command, resource: PORTALS, place: NO_OWNER };
  addList(group);
  addGet(group);
  addCreate(group, fieldsOf(cli));
  addUpdate(group, fieldsOf(cli));
  addRemove(group);
  registerPortalCredentials(command, cli);
  registerPortalPair(command, cli);
  registerPortalEvidence(command, cli);
  registerPortalRequest(command, cli);
  registerPortalDefinitions(command, cli);
}

function fieldsOf(cli: Cli): Fields<Options> {
  const { options, portals: say } = cli.say;
  return {
    add: (command) =>
      addDataOption(
        addEnableOptions(
          command
            .option("--name <name>", options.name)
            .option("--definition <name>", say.definition)
            .option("--base-url <url>", say.baseUrl)
            .option("--on-deploy <keep|logout>", say.onDeploy)
            .option("--default", say.isDefault),
          cli,
        ),
        cli,
      ),
    read: (call, options_) => {
      const { name, definition, baseUrl, onDeploy, default: isDefault } = options_;
      return readBody(call, options_, { name, definition, baseUrl, onDeploy, isDefault });
    },
  };
}
