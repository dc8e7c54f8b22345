import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { Audit, PairState } from "../portal-sessions/schemas.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { listCommand } from "./list-command.ts";
import { portalPath } from "./portal-resource.ts";
import type { Texts } from "./texts.ts";

/** Between two looks at a pair: a login's steps take seconds. */
const WATCH_EVERY_MS = 1_000;

/** The calls on a portal's sessions. */
export function registerPortalPair(portals: Command, cli: Cli): void {
  const { portals: say } = cli.say;
  const status = portals
    .command("status <portal>")
    .description(say.status)
    .option("--watch", say.watch);
  onCall<{ watch?: boolean }>(cli, status, async (call, { watch }, reference = "") => {
    const path = `${await portalPath(call, reference)}/session-pair/status`;
    const look = () => call.api.get<PairState>(path, "running");
    if (watch) await watchPair(call, look);
    else printPair(call, await look());
  });
  for (const verb of ["start", "stop", "failover", "resume"] as const) {
    onCall(
      cli,
      portals.command(`${verb} <portal>`).description(say[verb]),
      async (call, _, reference = "") => {
        const path = `${await portalPath(call, reference)}/session-pair/${verb}`;
        printPair(call, await call.api.send<PairState>("POST", path, "running"));
      },
    );
  }
  const audit = portals.command("audit <portal>").description(say.audit);
  listCommand<Audit["data"][number]>(cli, audit, auditColumns, async (call, _, reference = "") => ({
    path: `${await portalPath(call, reference)}/session-pair/audit`,
    query: {},
  }));
}

function auditColumns({ portals: { columns } }: Texts) {
  type Entry = Audit["data"][number];
  return [
    { title: columns.at, of: ({ at }: Entry) => at },
    { title: columns.slot, of: ({ slot }: Entry) => slot ?? "" },
    { title: columns.what, of: ({ what }: Entry) => what },
    { title: columns.fields, of: ({ fields }: Entry) => fields },
  ];
}

function printPair({ print, say: { portals: say, columns } }: Call, pair: PairState): void {
  if (print.json) return print.value(pair);
  for (const text of headOf(say, pair)) print.line(text);
  const rows = (["primary", "backup"] as const).flatMap((role) => {
    const slot = pair[role];
    return slot ? [{ role, ...slot }] : [];
  });
  print.list(rows, [
    { title: say.columns.role, of: ({ role }) => say.roles[role] },
    { title: say.columns.slot, of: ({ slot }) => slot },
    { title: columns.state, of: ({ state }) => state },
    { title: say.columns.lastProbe, of: ({ lastProbeAt }) => lastProbeAt ?? "" },
    { title: say.columns.verdict, of: ({ lastVerdict }) => lastVerdict ?? "" },
  ]);
}

function headOf(say: Texts["portals"], { running, epoch, hold, budget }: PairState): string[] {
  const until = hold && (hold.until === null ? say.untilResumed : say.until(hold.until));
  return [
    running ? say.running(epoch) : say.notRunning,
    ...(hold ? [`${say.held(hold.reason, hold.text)}, ${until ?? ""}`] : []),
    ...(hold?.evidenceId ? [say.evidenceOf(hold.evidenceId)] : []),
    say.budget(budget.hour, budget.day),
  ];
}

/** A line for each change, until Ctrl-C. */
async function watchPair(call: Call, look: () => Promise<PairState>): Promise<void> {
  const { cli, print, say } = call;
  let shown = "";
  while (!cli.signal.aborted) {
    const pair = await look();
    const line = lineOf(say.portals, pair);
    if (line !== shown) {
      if (print.json) print.line(JSON.stringify(pair));
      else print.line(`${new Date().toTimeString().slice(0, 8)}  ${line}`);
    }
    shown = line;
    await sleep(WATCH_EVERY_MS, undefined, { signal: cli.signal }).catch(() => {});
  }
  throw new CliError(say.errors.interrupted, EXIT.interrupted);
}

/** Without the times of probes, which change each minute. */
function lineOf(say: Texts["portals"], pair: PairState): string {
  const [head = "", ...more] = headOf(say, pair);
  const slots = (["primary", "backup"] as const).map((role) => {
    const slot = pair[role];
    return `${say.roles[role]} ${slot ? `${slot.slot} ${slot.state}` : say.none}`;
  });
  return [head, ...slots, ...more].join(" · ");
}
