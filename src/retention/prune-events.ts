import { and, asc, gt, lt } from "drizzle-orm";
import type { Deps } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import {
  CHUNK_STATEMENTS,
  DAY_MS,
  MAX_EVENT_STATEMENTS,
  PRUNE_BUDGET_MS,
  PRUNE_CHUNK_EVENTS,
} from "./constants.ts";
import { deleteEvents } from "./delete-events.ts";
import { loadRetentionPlan, type Pass, type RetentionPlan, retentionNow } from "./plan-passes.ts";
import { prunePostponed } from "./prune-postponed.ts";
import { markStatement, postponeStatement, readMarks } from "./watermarks.ts";

type Deleting = Pick<Deps, "db" | "shards" | "bodies">;

/** Days of the pass whose turn it is when the last run could not finish. */
const TURN = "prune_turn";

const NOTHING = {
  events: 0,
  postponedEvents: 0,
  deliveries: 0,
  attempts: 0,
  bodies: 0,
  unfinished: 0,
};
export type PruneReport = typeof NOTHING;

/** How much one run may do in one database. */
export type Budget = { statements: number; until: number };

/** A pass on its way from its watermark to its end. */
type Walk = { pass: Pass; from: string; end: string };

/** This database's share of a run. */
export function shareOf({ shards }: Pick<Deps, "shards">): Budget {
  return {
    statements: Math.floor(MAX_EVENT_STATEMENTS / shards.length),
    until: Date.now() + PRUNE_BUDGET_MS / shards.length,
  };
}

/**
 * Deletes events of one database that have outlived their source's retention. Each retention in use walks the events by
 * key from its own watermark, so every event is read once per retention in use, and no index is paid for. The passes
 * take turns, a chunk each: one that starts over keeps no other waiting. `unfinished` 1 asks for another run.
 */
export async function pruneEvents(
  deps: Deleting,
  db: EventsDb,
  budget = shareOf(deps),
  loaded?: RetentionPlan,
): Promise<PruneReport> {
  const plan = loaded ?? (await loadRetentionPlan(deps));
  const marks = await readMarks(db, [
    TURN,
    ...plan.passes.flatMap((pass) => [markOf(pass), seenOf(pass)]),
  ]);
  let report = sum(NOTHING, await prunePostponed(deps, db));
  const turns = turnsOf(plan, marks);
  for (let walk = turns.shift(); walk; walk = turns.shift()) {
    if (budget.statements < CHUNK_STATEMENTS || Date.now() > budget.until) {
      await markStatement(db, TURN, String(walk.pass.days));
      return { ...report, unfinished: 1 };
    }
    report = sum(report, await takeChunk(deps, db, plan, walk, budget));
    if (walk.from < walk.end) turns.push(walk);
  }
  return report;
}

/** The passes that have something to look at, beginning with the one that the last run did not come to. */
function turnsOf(plan: RetentionPlan, marks: Map<string, string>): Walk[] {
  const first = Number(marks.get(TURN) ?? 0);
  const waiting = plan.passes.filter(({ days }) => days >= first);
  const others = plan.passes.filter(({ days }) => days < first);
  return [...waiting, ...others]
    .map((pass) => {
      // A source came under this pass: its events behind the watermark were passed under another retention.
      const isNews = pass.changedAt > Number(marks.get(seenOf(pass)) ?? -1);
      return {
        pass,
        from: isNews ? "" : (marks.get(markOf(pass)) ?? ""),
        end: firstIdAt("event", Date.now() - pass.days * DAY_MS),
      };
    })
    .filter(({ from, end }) => from < end);
}

/** Looks at the next events of a pass, deletes what is old, and moves the walk on. */
async function takeChunk(
  deps: Deleting,
  db: EventsDb,
  plan: RetentionPlan,
  walk: Walk,
  budget: Budget,
): Promise<PruneReport> {
  const { pass, from, end } = walk;
  const rows = await db
    .select({ id: events.id, sourceId: events.sourceId })
    .from(events)
    .where(and(gt(events.id, from), lt(events.id, end)))
    .orderBy(asc(events.id))
    .limit(PRUNE_CHUNK_EVENTS);
  const planned = rows.filter(({ sourceId }) => plan.daysOf(sourceId) <= pass.days);
  const old = await stillOld(deps, pass, planned);
  const deleted = await deleteEvents(deps, db, old);
  const held = old.filter((id) => !deleted.events.has(id));
  walk.from = rows.length < PRUNE_CHUNK_EVENTS ? end : (rows.at(-1)?.id ?? end);
  await moveOn(db, walk, held);
  budget.statements -= planned.length === 0 ? 3 : CHUNK_STATEMENTS;
  return sum(NOTHING, {
    ...deleted,
    events: deleted.events.size,
    postponedEvents: held.length,
  });
}

async function stillOld(
  deps: Deleting,
  pass: Pass,
  rows: readonly { id: string; sourceId: string }[],
): Promise<string[]> {
  if (rows.length === 0) return [];
  const daysOf = await retentionNow(
    deps,
    rows.map(({ sourceId }) => sourceId),
  );
  return rows.filter(({ sourceId }) => daysOf(sourceId) <= pass.days).map(({ id }) => id);
}

/** Moves the watermark. What had to be held is noted in the same batch: the walk does not come back for it. */
async function moveOn(db: EventsDb, { pass, from }: Walk, held: string[]): Promise<void> {
  await db.batch([
    markStatement(db, markOf(pass), from),
    markStatement(db, seenOf(pass), String(pass.changedAt)),
    ...(held.length > 0 ? [postponeStatement(db, held)] : []),
  ]);
}

function markOf({ days }: Pass): string {
  return `prune:${days}`;
}

function seenOf({ days }: Pass): string {
  return `prune_seen:${days}`;
}

function sum(a: PruneReport, b: Partial<PruneReport>): PruneReport {
  return {
    events: a.events + (b.events ?? 0),
    postponedEvents: a.postponedEvents + (b.postponedEvents ?? 0),
    deliveries: a.deliveries + (b.deliveries ?? 0),
    attempts: a.attempts + (b.attempts ?? 0),
    bodies: a.bodies + (b.bodies ?? 0),
    unfinished: Math.max(a.unfinished, b.unfinished ?? 0),
  };
}
