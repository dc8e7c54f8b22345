import { sql } from "drizzle-orm";
import type { ControlDb } from "../db/client.ts";
import { settings, sources } from "../db/schema/control.ts";
import { DEFAULT_RETENTION_DAYS } from "./schemas.ts";

/** Name of the setting that holds when a source's events came under the default because it was deleted. */
export const RETENTION_CHANGED_AT = "retention_changed_at";

/**
 * Statement for the batch that deletes a source, before its row goes: the events of one that kept them for longer than
 * the default lie behind that pass's watermark, which therefore starts over. Raw, because it inserts what it selects.
 */
export function noteDeletedSource(db: ControlDb, sourceId: string) {
  const at = String(Date.now());
  return db
    .insert(settings)
    .select(sql`
      SELECT ${RETENTION_CHANGED_AT}, ${at} FROM ${sources}
      WHERE id = ${sourceId} AND retention_days > ${DEFAULT_RETENTION_DAYS}`)
    .onConflictDoUpdate({ target: settings.name, set: { value: at } });
}
