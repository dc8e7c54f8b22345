import type { Command } from "commander";
import type { Replayed } from "../deliveries/schemas.ts";
import type { Event } from "../events/schemas.ts";
import { addIdempotencyKey, collect, type Keyed } from "./body-fields.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { deliveryColumns } from "./delivery-columns.ts";
import { DESTINATIONS } from "./destinations.ts";
import { listCommand } from "./list-command.ts";
import { readHeaders } from "./read-headers.ts";
import { pathOfId } from "./read-id.ts";
import { readTimes } from "./read-time.ts";
import { readText } from "./read-value.ts";
import { resolveGiven } from "./resource.ts";
import { RULES } from "./rules.ts";
import { saveBody } from "./save-body.ts";
import { SOURCES } from "./sources.ts";
import type { Column } from "./table.ts";
import type { Texts } from "./texts.ts";

type Filters = {
  source?: string;
  from?: string;
  to?: string;
  method?: string;
  path?: string;
  sender?: string;
  status?: string;
};

const eventColumns = ({ columns }: Texts): Column<Event>[] => [
  { title: columns.id, of: ({ id }) => id },
  { title: columns.receivedAt, of: ({ receivedAt }) => receivedAt },
  { title: columns.status, of: ({ status }) => status },
  { title: columns.method, of: ({ method }) => method },
  { title: columns.host, of: ({ host }) => host },
  { title: columns.path, of: ({ path }) => path },
  { title: columns.size, of: ({ size }) => size },
  { title: columns.sender, of: ({ sender }) => sender.name },
];

export function registerEvents(program: Command, cli: Cli): void {
  const { say } = cli;
  const events = program.command("events").description(say.commands.groups.events);
  addList(events, cli);
  const get = events.command("get <event>").description(say.commands.eventGet);
  onCall(cli, get, async ({ api, print }, _, id = "") => {
    print.one(await api.get<Event>(pathOfId("events", id, say), "id"));
  });
  const body = events
    .command("body <event>")
    .description(say.commands.eventBody)
    .option("-o, --output <file>", say.options.output);
  onCall<{ output?: string }>(cli, body, (call, { output }, id = "") =>
    saveBody(call, `${pathOfId("events", id, say)}/body`, output),
  );
  addReplay(events, cli);
}

function addList(events: Command, cli: Cli): void {
  const { options: say } = cli.say;
  const ls = events
    .command("ls")
    .description(cli.say.commands.eventList)
    .option("--source <source>", say.source)
    .option("--from <time>", say.from)
    .option("--to <time>", say.to)
    .option("--method <method>", say.method)
    .option("--path <glob>", say.pathGlob)
    .option("--sender <glob>", say.senderGlob)
    .option("--status <status>", say.eventStatus);
  listCommand<Event, Filters>(cli, ls, eventColumns, async (call, options) => {
    const { source, from, to, ...others } = options;
    const { method, path, sender, status } = others;
    const times = readTimes(call.say, { from, to });
    const sourceId = await resolveGiven(call, SOURCES, source);
    return { path: "/events", query: { sourceId, ...times, method, path, sender, status } };
  });
}

type ReplayOptions = Keyed & {
  rule?: string;
  destination?: string;
  header?: string[];
  body?: string;
};

function addReplay(events: Command, cli: Cli): void {
  const { options: say } = cli.say;
  const replay = events
    .command("replay <event>")
    .description(cli.say.commands.eventReplay)
    .option("--rule <rule>", say.rule)
    .option("--destination <destination>", say.destination)
    .option("--header <name:value>", say.editHeader, collect)
    .option("--body <text>", say.editBody);
  addIdempotencyKey(replay, cli);
  onCall<ReplayOptions>(cli, replay, async (call, options, id = "") => {
    const path = `${pathOfId("events", id, call.say)}/replay`;
    const body = await readReplay(call, options);
    const { idempotencyKey } = options;
    const replayed = await call.api.create<Replayed>(path, "deliveries", body, idempotencyKey);
    if (call.print.json) call.print.value(replayed);
    else call.print.list(replayed.deliveries, deliveryColumns(call.say));
  });
}

async function readReplay(call: Call, options: ReplayOptions): Promise<object> {
  const { rule, destination, header, body } = options;
  const headers = header && Object.fromEntries(readHeaders(header, call.say));
  const text = body === undefined ? undefined : await readText(call.cli, body);
  const edit = headers || text !== undefined ? { headers, body: text } : undefined;
  return {
    ruleId: await resolveGiven(call, RULES, rule),
    destinationId: await resolveGiven(call, DESTINATIONS, destination),
    edit,
  };
}
