import type { Command } from "commander";
import { addIdempotencyKey, type Keyed } from "./body-fields.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { confirm } from "./confirm.ts";
import { listCommand } from "./list-command.ts";
import { findByName, type Resource, resolveId } from "./resource.ts";

/** What `create` and `update` take: their options, and the body that these make. */
export type Fields<Options extends object> = {
  add: (command: Command) => Command;
  read: (call: Call, options: Options) => Promise<Record<string, unknown>>;
};

/** How a resource's things are found: `sources get SOURCE`, `senders get SOURCE SENDER`. */
export type Place = {
  /** `<source> `, or nothing where things have no owner. */
  args: string;
  /** Takes the owner off the arguments. */
  read: (call: Call, args: string[]) => Promise<{ ownerId: string; rest: string[] }>;
};

export const NO_OWNER: Place = {
  args: "",
  read: async (_, rest) => ({ ownerId: "", rest }),
};

export type Group<T extends { id: string }> = {
  cli: Cli;
  command: Command;
  resource: Resource<T>;
  place: Place;
};

export function addGet<T extends { id: string }>({ cli, command, resource, place }: Group<T>) {
  const get = command
    .command(`get ${place.args}<${resource.one}>`)
    .description(cli.say.commands.get[resource.name]);
  onCall(cli, get, async (call, _, ...args) => {
    const { ownerId, rest } = await place.read(call, args);
    const [reference = ""] = rest;
    if (resource.isListOnly) {
      call.print.one(await findByName(call, resource, reference, ownerId));
      return;
    }
    const id = await resolveId(call, resource, reference, ownerId);
    call.print.one(await call.api.get<T>(pathOf(resource, ownerId, id), "id"));
  });
}

export function addList<T extends { id: string }>({ cli, command, resource, place }: Group<T>) {
  const ls = command
    .command(`ls ${place.args}`.trimEnd())
    .description(cli.say.commands.ls[resource.name]);
  listCommand<T>(cli, ls, resource.columns, async (call, _, ...args) => {
    const { ownerId } = await place.read(call, args);
    return { path: resource.path(ownerId), query: {} };
  });
}

export function addCreate<T extends { id: string }, Options extends object>(
  { cli, command, resource, place }: Group<T>,
  fields: Fields<Options>,
): void {
  const create = command
    .command(`create ${place.args}`.trimEnd())
    .description(cli.say.commands.create[resource.name]);
  addIdempotencyKey(fields.add(create), cli);
  onCall<Options & Keyed>(cli, create, async (call, options, ...args) => {
    const { ownerId } = await place.read(call, args);
    const body = await fields.read(call, options);
    const path = resource.path(ownerId);
    call.print.one(await call.api.create<T>(path, "id", body, options.idempotencyKey));
  });
}

export function addUpdate<T extends { id: string }, Options extends object>(
  { cli, command, resource, place }: Group<T>,
  fields: Fields<Options>,
): void {
  const update = command
    .command(`update ${place.args}<${resource.one}>`)
    .description(cli.say.commands.update[resource.name]);
  onCall<Options>(cli, fields.add(update), async (call, options, ...args) => {
    const body = await fields.read(call, options);
    if (Object.keys(body).length === 0) throw new CliError(cli.say.errors.nothingToChange);
    const { ownerId, rest } = await place.read(call, args);
    const id = await resolveId(call, resource, rest[0] ?? "", ownerId);
    call.print.one(await call.api.send<T>("PATCH", pathOf(resource, ownerId, id), "id", body));
  });
}

export function addRemove<T extends { id: string }>({ cli, command, resource, place }: Group<T>) {
  const { say } = cli;
  const rm = command
    .command(`rm ${place.args}<${resource.one}>`)
    .description(say.commands.rm[resource.name])
    .option("-y, --yes", say.options.yes);
  onCall<{ yes?: boolean }>(cli, rm, async (call, { yes }, ...args) => {
    const { ownerId, rest } = await place.read(call, args);
    const [reference = ""] = rest;
    const id = await resolveId(call, resource, reference, ownerId);
    if (!yes) await confirm(cli, say.sureToDelete(resource.name, reference, id));
    await call.api.remove(pathOf(resource, ownerId, id));
    if (call.print.json) call.print.value({ id, deleted: true });
    else call.print.line(say.deleted(id));
  });
}

function pathOf<T extends { id: string }>(resource: Resource<T>, ownerId: string, id: string) {
  return `${resource.path(ownerId)}/${encodeURIComponent(id)}`;
}
