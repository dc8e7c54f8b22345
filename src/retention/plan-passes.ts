import { eq, inArray, isNotNull, or, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { settings, sources } from "../db/schema/control.ts";
import { RETENTION_CHANGED_AT } from "./note-deleted-source.ts";
import { DEFAULT_RETENTION_DAYS, MAX_RETENTION_DAYS } from "./schemas.ts";

/** Sources that say, or have said, how long their events are kept. */
export type Retained = { id: string; retentionDays: number | null; changedAt: number | null };

/** One walk through the events that are older than `days`. */
export type Pass = {
  days: number;
  /** When a source came under this pass last, in milliseconds: what the pass has left behind is looked at again. */
  changedAt: number;
};

export type RetentionPlan = {
  passes: Pass[];
  /** Days that a source's events are kept. A deleted source has the default. */
  daysOf: (sourceId: string) => number;
  longestDays: number;
};

export async function loadRetentionPlan({ db }: Pick<Deps, "db">): Promise<RetentionPlan> {
  const [retained, [fallenBack]] = await db.batch([
    db
      .select({
        id: sources.id,
        retentionDays: sources.retentionDays,
        changedAt: sources.retentionChangedAt,
      })
      .from(sources)
      .where(or(isNotNull(sources.retentionDays), isNotNull(sources.retentionChangedAt))),
    db.select({ at: settings.value }).from(settings).where(eq(settings.name, RETENTION_CHANGED_AT)),
  ]);
  return planPasses(retained, Number(fallenBack?.at ?? 0));
}

/**
 * One pass for every retention in use. A pass takes all sources with its days or fewer, so what a shorter one has missed
 * is deleted by a longer one, and by the pass at the maximum at the latest. `fallenBackAt`: when a source with a longer
 * retention than the default was deleted last, in milliseconds.
 */
export function planPasses(retained: readonly Retained[], fallenBackAt = 0): RetentionPlan {
  const days = new Map(
    retained.map(({ id, retentionDays }) => [id, retentionDays ?? DEFAULT_RETENTION_DAYS]),
  );
  const daysOf = (sourceId: string) => days.get(sourceId) ?? DEFAULT_RETENTION_DAYS;
  const inUse = new Set([...days.values(), DEFAULT_RETENTION_DAYS]);
  const passes = [...new Set([...inUse, MAX_RETENTION_DAYS])].toSorted((a, b) => a - b);
  return {
    passes: passes.map((passDays) => ({
      days: passDays,
      changedAt: retained
        .filter(({ id }) => daysOf(id) <= passDays)
        .reduce(
          (latest, { changedAt }) => Math.max(latest, changedAt ?? 0),
          passDays >= DEFAULT_RETENTION_DAYS ? fallenBackAt : 0,
        ),
    })),
    daysOf,
    longestDays: Math.max(...inUse),
  };
}

/**
 * What the sources say right now. A plan is minutes old when its last events are deleted, and a source that keeps its
 * events longer meanwhile must not lose any. A source that does not exist has the default.
 */
export async function retentionNow(
  { db }: Pick<Deps, "db">,
  sourceIds: readonly string[],
): Promise<(sourceId: string) => number> {
  const ids = JSON.stringify([...new Set(sourceIds)]);
  const rows = await db
    .select({ id: sources.id, retentionDays: sources.retentionDays })
    .from(sources)
    .where(inArray(sources.id, sql`(SELECT value FROM json_each(${ids}))`));
  const days = new Map(rows.map(({ id, retentionDays }) => [id, retentionDays]));
  return (sourceId) => days.get(sourceId) ?? DEFAULT_RETENTION_DAYS;
}
