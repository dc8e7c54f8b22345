import { inArray, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { sources } from "../db/schema/control.ts";
import type { SourcePreset } from "../source-preset.ts";

/**
 * Which of these sources have the preset. A source that was deleted counts: its events are still there, and what might
 * be a secret in them stays hidden.
 */
export async function sourcesOfPreset(
  { db }: Pick<Deps, "db">,
  wanted: SourcePreset,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const asked = new Set(ids);
  if (asked.size === 0) return asked;
  const rows = await db
    .select({ id: sources.id, preset: sources.preset })
    .from(sources)
    .where(inArray(sources.id, sql`(SELECT value FROM json_each(${JSON.stringify([...asked])}))`));
  for (const { id, preset } of rows) if (preset !== wanted) asked.delete(id);
  return asked;
}
