import { and, asc, gt, lt } from "drizzle-orm";
import type { Deps } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { events, postponedEvents } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { DAY_MS, MAX_SCANNED_EVENTS, PRUNE_BUDGET_MS, PRUNE_CHUNK_EVENTS } from "./constants.ts";
import { deleteEvents } from "./delete-events.ts";
import type { Pass, RetentionPlan } from "./plan-passes.ts";
import { prunePostponed } from "./prune-postponed.ts";
import { markStatement, readMarks } from "./watermarks.ts";

type Deleting = Pick<Deps, "shards" | "bodies">;

const NOTHING = {
  events: 0,
  postponedEvents: 0,
  deliveries: 0,
  attempts: 0,
  bodies: 0,
  unfinished: 0,
};
export type PruneReport = typeof NOTHING;

/** How much more one run may do in a shard. */
type Budget = { rows: number; until: number };

/**
 * Deletes events that have outlived their source's retention. Each retention in use walks the events by key from its
 * own watermark, so every event is read once per retention in use, and no index is paid for.
 */
export async function pruneEvents(deps: Deleting, plan: RetentionPlan): Promise<PruneReport> {
  const until = Date.now() + PRUNE_BUDGET_MS;
  const reports = await Promise.all(
    deps.shards.map((db) => pruneShard(deps, db, plan, { rows: MAX_SCANNED_EVENTS, until })),
  );
  return reports.reduce(sum, NOTHING);
}

async function pruneShard(
  deps: Deleting,
  db: EventsDb,
  plan: RetentionPlan,
  budget: Budget,
): Promise<PruneReport> {
  const marks = await readMarks(
    db,
    plan.passes.flatMap((pass) => [markOf(pass), seenOf(pass)]),
  );
  let report = sum(NOTHING, await prunePostponed(deps, db, plan));
  for (const pass of plan.passes) {
    // A source came under this pass: its events behind the watermark were passed under another retention.
    const isNews = marks.get(seenOf(pass)) !== String(pass.changedAt);
    const from = isNews ? "" : (marks.get(markOf(pass)) ?? "");
    report = sum(report, await walk(deps, db, plan, pass, from, budget));
  }
  return report;
}

async function walk(
  deps: Deleting,
  db: EventsDb,
  plan: RetentionPlan,
  pass: Pass,
  start: string,
  budget: Budget,
): Promise<PruneReport> {
  const end = firstIdAt("event", Date.now() - pass.days * DAY_MS);
  let report = NOTHING;
  for (let from = start; from < end; ) {
    if (budget.rows <= 0 || Date.now() > budget.until) return { ...report, unfinished: 1 };
    const rows = await db
      .select({ id: events.id, sourceId: events.sourceId })
      .from(events)
      .where(and(gt(events.id, from), lt(events.id, end)))
      .orderBy(asc(events.id))
      .limit(PRUNE_CHUNK_EVENTS);
    budget.rows -= rows.length;
    const old = rows
      .filter(({ sourceId }) => plan.daysOf(sourceId) <= pass.days)
      .map(({ id }) => id);
    const deleted = await deleteEvents(deps, db, old);
    const held = old.filter((id) => !deleted.events.has(id));
    from = rows.length < PRUNE_CHUNK_EVENTS ? end : (rows.at(-1)?.id ?? end);
    await moveOn(db, pass, from, held);
    report = sum(report, {
      ...deleted,
      events: deleted.events.size,
      postponedEvents: held.length,
      unfinished: 0,
    });
  }
  return report;
}

/** Moves the watermark. What had to be held is noted in the same batch: the walk does not come back for it. */
async function moveOn(db: EventsDb, pass: Pass, to: string, held: string[]): Promise<void> {
  await db.batch([
    markStatement(db, markOf(pass), to),
    markStatement(db, seenOf(pass), String(pass.changedAt)),
    ...held.map((eventId) => db.insert(postponedEvents).values({ eventId }).onConflictDoNothing()),
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
