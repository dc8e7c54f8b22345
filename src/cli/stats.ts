import type { Command } from "commander";
import type { SenderCounts } from "../senders/schemas.ts";
import type { Source } from "../sources/schemas.ts";
import { type Call, onCall } from "./call.ts";
import type { Cli } from "./cli.ts";
import { STATS_WINDOW_MS } from "./constants.ts";
import { readGroups } from "./deliveries.ts";
import { failureColumns } from "./delivery-columns.ts";
import { readAll } from "./read-pages.ts";
import { readTimes } from "./read-time.ts";
import { findByName } from "./resource.ts";
import { SOURCES } from "./sources.ts";
import type { Column } from "./table.ts";
import type { Texts } from "./texts.ts";

type Options = { from?: string; to?: string };
type Row = {
  sourceId: string;
  slug: string;
  senders: number;
  events: number;
  muted: number;
  rejected: number;
  blocked: number;
  lastAt: string | null;
  /** True: there were more than were looked at; `since` says how far back all of them were. */
  truncated: boolean;
  since: string | null;
};

/** `stats`: events by source as the senders' counts have them, and failed deliveries by cause. */
export function registerStats(program: Command, cli: Cli): void {
  const { options: say } = cli.say;
  const stats = program
    .command("stats [source]")
    .description(cli.say.commands.stats)
    .option("--from <time>", say.from)
    .option("--to <time>", say.to);
  onCall<Options>(cli, stats, async (call, options, source?: string) => {
    const window = windowOf(call, options);
    const sources = await findSources(call, source);
    const rows: Row[] = [];
    for (const found of sources) {
      rows.push(await countOf(call, found, window));
      call.progress.show(call.say.progress.counting(rows.length, sources.length), rows.length);
    }
    call.progress.end();
    const only = source === undefined ? undefined : sources[0]?.id;
    const failures = await readGroups(call, { source: only, ...window });
    print(call, { ...window, sources: rows, failures });
  });
}

function windowOf({ say }: Call, options: Options) {
  const { from, to } = readTimes(say, options);
  const end = to ?? new Date().toISOString();
  return { from: from ?? new Date(Date.parse(end) - STATS_WINDOW_MS).toISOString(), to: end };
}

async function findSources(call: Call, reference: string | undefined): Promise<Source[]> {
  if (reference !== undefined) return [await findByName(call, SOURCES, reference)];
  const progress = { on: call.progress, text: call.say.progress.looking };
  return readAll<Source>(call.api, "/sources", {}, progress);
}

async function countOf({ api }: Call, { id, slug }: Source, window: Options): Promise<Row> {
  const path = `/sources/${id}/senders/counts`;
  const { data, truncated, since } = await api.get<SenderCounts>(path, "data", window);
  const sum = (name: "events" | "muted" | "rejected" | "blocked") =>
    data.reduce((total, count) => total + count[name], 0);
  const times = data.flatMap(({ lastAt }) => lastAt ?? []).sort();
  return {
    sourceId: id,
    slug,
    senders: data.length,
    events: sum("events"),
    muted: sum("muted"),
    rejected: sum("rejected"),
    blocked: sum("blocked"),
    lastAt: times.at(-1) ?? null,
    truncated,
    since,
  };
}

const rowColumns = ({ columns }: Texts): Column<Row>[] => {
  const atLeast = (count: number, { truncated }: Row) => (truncated ? `≥${count}` : count);
  return [
    { title: columns.source, of: ({ slug }) => slug },
    { title: columns.events, of: (row) => atLeast(row.events, row) },
    { title: columns.senders, of: (row) => atLeast(row.senders, row) },
    { title: columns.muted, of: (row) => atLeast(row.muted, row) },
    { title: columns.rejected, of: (row) => atLeast(row.rejected, row) },
    { title: columns.blocked, of: ({ blocked }) => blocked },
    { title: columns.lastAt, of: ({ lastAt }) => lastAt },
  ];
};

type Stats = {
  from: string;
  to: string;
  sources: Row[];
  failures: Awaited<ReturnType<typeof readGroups>>;
};

function print({ print, say }: Call, stats: Stats): void {
  if (print.json) return print.value(stats);
  const { from, to, sources, failures } = stats;
  print.line(`${from} – ${to}`);
  print.list(sources, rowColumns(say));
  print.line("");
  print.line(say.failedByCause);
  print.list(failures.groups, failureColumns(say));
  if (failures.truncated) print.line(say.truncated(failures.since));
}
