import type { Command } from "commander";
import type { Destination } from "../destinations/schemas.ts";
import {
  addDataOption,
  addEnableOptions,
  type CommonFields,
  collect,
  readBody,
} from "./body-fields.ts";
import type { Call } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
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
import { readPairs } from "./settings-pairs.ts";

export const DESTINATIONS: Resource<Destination> = {
  name: "destinations",
  path: () => "/destinations",
  idPrefix: "dst",
  one: "destination",
  names: ({ name }) => [name],
  columns: ({ columns }) => [
    { title: columns.id, of: ({ id }) => id },
    { title: columns.kind, of: ({ kind }) => kind },
    { title: columns.name, of: ({ name }) => name },
    { title: columns.enabled, of: ({ enabled }) => enabled },
    { title: columns.config, of: ({ config }) => config },
  ],
};

type Options = CommonFields & {
  kind?: string;
  name?: string;
  url?: string;
  config?: string[];
  retry?: string;
  rate?: string;
  concurrency?: string;
  ordered?: string;
  orderKey?: string;
};

export function registerDestinations(program: Command, cli: Cli): void {
  const command = program.command("destinations").description(cli.say.commands.groups.destinations);
  const group = { cli, command, resource: DESTINATIONS, place: NO_OWNER };
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
      if (isNew) command.option("--kind <kind>", say.kind);
      command
        .option("--name <name>", say.name)
        .option("--url <url>", say.destinationUrl)
        .option("--config <name=value>", say.config, collect)
        .option("--retry <seconds>", say.retry)
        .option("--rate <per-second>", say.rate)
        .option("--concurrency <n>", say.concurrency)
        .option("--ordered <none|key>", say.ordered)
        .option("--order-key <key>", say.orderKey);
      return addDataOption(addEnableOptions(command, cli), cli);
    },
    read: readDestination,
  };
}

async function readDestination(call: Call, options: Options): Promise<Record<string, unknown>> {
  const { say } = call;
  const { kind, name, url, ordered, orderKey } = options;
  const body = await readBody(call, options, {
    kind,
    name,
    ordered,
    orderKey,
    retry: options.retry === undefined ? undefined : readSchedule(options.retry, call),
    rate: readRate(options, call),
  });
  const said = { ...(url === undefined ? {} : { url }), ...readPairs(options.config ?? [], say) };
  if (Object.keys(said).length > 0) body.config = { ...asObject(body.config), ...said };
  return body;
}

/** `0,5,300`: seconds before each try. */
function readSchedule(text: string, { say }: Call): { schedule: number[] } {
  const parts = text.split(",").map((part) => part.trim());
  if (!parts.every((part) => /^\d+$/.test(part))) throw new CliError(say.errors.badRetry(text));
  return { schedule: parts.map(Number) };
}

/** `none` takes the limit away. */
function readRate({ rate, concurrency }: Options, call: Call): unknown {
  if (rate === "none") {
    if (concurrency !== undefined) throw new CliError(call.say.errors.rateAndConcurrency);
    return null;
  }
  if (rate === undefined && concurrency === undefined) return undefined;
  return {
    ...(rate === undefined ? {} : { perSecond: numberOf("--rate", rate, call) }),
    ...(concurrency === undefined
      ? {}
      : { concurrency: numberOf("--concurrency", concurrency, call) }),
  };
}

function numberOf(option: string, text: string, { say }: Call): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new CliError(say.errors.notANumber(option, 0, 1000));
}

function asObject(value: unknown): object {
  return value && typeof value === "object" ? value : {};
}
