import type { Command } from "commander";
import type { Delivery, DeliverySummary, FailureGroups } from "../deliveries/schemas.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { deliveryColumns, failureColumns } from "./delivery-columns.ts";
import { DESTINATIONS } from "./destinations.ts";
import { EXIT } from "./exit-codes.ts";
import { readText } from "./fetch-from.ts";
import { listCommand } from "./list-command.ts";
import { printDelivery } from "./print-delivery.ts";
import { pathOfId } from "./read-id.ts";
import { readTimes } from "./read-time.ts";
import { readCount } from "./read-value.ts";
import { resolveGiven } from "./resource.ts";
import { SOURCES } from "./sources.ts";

type Filters = {
  event?: string;
  source?: string;
  destination?: string;
  status?: string;
  from?: string;
  to?: string;
};

export function registerDeliveries(program: Command, cli: Cli): void {
  const { commands: say } = cli.say;
  const deliveries = program.command("deliveries").description(say.groups.deliveries);
  addList(deliveries, cli);
  const groups = addFilters(deliveries.command("failures"), cli).description(say.failures);
  onCall<Filters>(cli, groups, async (call, options) =>
    printGroups(call, await readGroups(call, options)),
  );
  const get = deliveries.command("get <delivery>").description(say.deliveryGet);
  onCall(cli, get, async (call, _, id = "") => {
    const delivery = await call.api.get<Delivery>(pathOfId("deliveries", id, call.say), "attempts");
    if (call.print.json) call.print.value(delivery);
    else printDelivery(call, delivery);
  });
  const retry = deliveries.command("retry <delivery>").description(say.retry);
  onCall(cli, retry, async (call, _, id = "") => {
    const summary = await call.api.send<DeliverySummary>(
      "POST",
      `${pathOfId("deliveries", id, call.say)}/retry`,
      "id",
    );
    call.print.one(summary);
  });
  addCurl(deliveries, cli);
}

function addFilters(command: Command, { say: { options: say } }: Cli): Command {
  return command
    .option("--source <source>", say.source)
    .option("--destination <destination>", say.destination)
    .option("--from <time>", say.from)
    .option("--to <time>", say.to);
}

function addList(deliveries: Command, cli: Cli): void {
  const ls = addFilters(deliveries.command("ls"), cli)
    .description(cli.say.commands.deliveryList)
    .option("--event <event>", cli.say.options.event)
    .option("--status <status>", cli.say.options.deliveryStatus);
  listCommand<DeliverySummary, Filters>(cli, ls, deliveryColumns, async (call, options) => ({
    path: "/deliveries",
    query: {
      ...(await readFilters(call, options)),
      eventId: options.event,
      status: options.status,
    },
  }));
}

async function readFilters(call: Call, { source, destination, from, to }: Filters) {
  return {
    ...readTimes(call.say, { from, to }),
    sourceId: await resolveGiven(call, SOURCES, source),
    destinationId: await resolveGiven(call, DESTINATIONS, destination),
  };
}

/** Failed deliveries by cause, the largest group first. */
export async function readGroups(call: Call, options: Filters): Promise<FailureGroups> {
  const query = { ...(await readFilters(call, options)), status: "failed", groupBy: "reason" };
  return call.api.get<FailureGroups>("/deliveries", "groups", { ...query, limit: 100 });
}

function printGroups({ print, say }: Call, found: FailureGroups): void {
  if (print.json) return print.value(found);
  print.list(found.groups, failureColumns(say));
  if (found.truncated) print.line(say.truncated(found.since));
}

/** `deliveries curl`: the latest try, or the one with the number. */
function addCurl(deliveries: Command, cli: Cli): void {
  const { say } = cli;
  const curl = deliveries.command("curl <delivery> [number]").description(say.commands.curl);
  onCall(cli, curl, async (call, _, id = "", number?: string) => {
    const attempt = number === undefined ? await latestTry(call, id) : numberOf(cli, number);
    const response = await call.api.open(
      `${pathOfId("deliveries", id, call.say)}/attempts/${attempt}/curl`,
    );
    const command = await readText(response, call.say);
    if (call.print.json) call.print.value({ deliveryId: id, attempt, command });
    else call.print.line(command.replace(/\n$/, ""));
  });
}

function numberOf(cli: Cli, text: string): number {
  return readCount(cli, cli.say.columns.tries, text, 1, 1_000_000);
}

async function latestTry(call: Call, id: string): Promise<number> {
  const { attempts } = await call.api.get<Delivery>(
    pathOfId("deliveries", id, call.say),
    "attempts",
  );
  const latest = Math.max(0, ...attempts.map(({ number }) => number));
  if (latest === 0) throw new CliError(call.say.errors.noTry(id), EXIT.refused);
  return latest;
}
