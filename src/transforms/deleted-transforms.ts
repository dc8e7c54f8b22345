import { inArray, type SQL, sql } from "drizzle-orm";
import type { ControlDb } from "../db/client.ts";
import { rules, settings } from "../db/schema/control.ts";
import { DELETED_TRANSFORM_RETENTION_MS } from "./constants.ts";

const PREFIX = "transform:";

/**
 * Statement for the batch that deletes rules, before their rows go: what they have already made goes on, and without its
 * transform a destination would get what it was never meant to see. Raw, because it inserts what it selects.
 */
export function keepTransforms(db: ControlDb, deleted: SQL) {
  return db
    .insert(settings)
    .select(sql`
      SELECT ${PREFIX} || id, json_object('at', ${Date.now()}, 'transform', json(transform)) FROM ${rules}
      WHERE ${deleted} AND transform IS NOT NULL`)
    .onConflictDoNothing();
}

/** Statement for the transforms of those of the rules that were deleted; `readDeleted` makes a map of its rows. */
export function selectDeletedTransforms(db: ControlDb, ruleIds: readonly (string | null)[]) {
  const names = sql`(SELECT ${PREFIX} || value FROM json_each(${JSON.stringify(ruleIds)}))`;
  return db
    .select({ name: settings.name, value: settings.value })
    .from(settings)
    .where(inArray(settings.name, names));
}

/** Stored transforms by rule id. */
export function readDeleted(rows: readonly { name: string; value: string }[]) {
  return new Map(
    rows.map(({ name, value }) => {
      const { transform } = JSON.parse(value) as { transform: unknown };
      return [name.slice(PREFIX.length), transform] as const;
    }),
  );
}

/** Deletes transforms that no delivery can need any more; returns how many. */
export async function pruneDeletedTransforms(db: ControlDb, now: number): Promise<number> {
  const oldest = now - DELETED_TRANSFORM_RETENTION_MS;
  // Other settings are no JSON, and SQLite may look at both sides of an AND.
  const at = sql`CASE WHEN ${settings.name} LIKE ${`${PREFIX}%`} THEN ${settings.value} ->> 'at' END`;
  const pruned = await db.delete(settings).where(sql`${at} < ${oldest}`).run();
  return pruned.meta.changes;
}
