import { isNotNull, or } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { sources } from "../db/schema/control.ts";
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
  const rows = await db
    .select({
      id: sources.id,
      retentionDays: sources.retentionDays,
      changedAt: sources.retentionChangedAt,
    })
    .from(sources)
    .where(or(isNotNull(sources.retentionDays), isNotNull(sources.retentionChangedAt)));
  return planPasses(rows);
}

/**
 * One pass for every retention in use. A pass takes all sources with its days or fewer, so what a shorter one has missed
 * is deleted by a longer one, and by the pass at the maximum at the latest.
 */
export function planPasses(retained: readonly Retained[]): RetentionPlan {
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
        .reduce((latest, { changedAt }) => Math.max(latest, changedAt ?? 0), 0),
    })),
    daysOf,
    longestDays: Math.max(...inUse),
  };
}
