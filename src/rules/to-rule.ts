import type { rules } from "../db/schema/control.ts";
import { toRfc3339 } from "../time.ts";
import type { Transform } from "../transforms/schemas.ts";
import type { Match, Rule } from "./schemas.ts";

/** A row as the API answers it. */
export function toRule(row: typeof rules.$inferSelect): Rule {
  const { id, sourceId, name, order, enabled, stop, destinationId } = row;
  return {
    id,
    sourceId,
    name,
    order,
    enabled,
    stop,
    // Shown as stored, even when this version can no longer read it: its owner has to see it to mend it.
    match: row.match as Match,
    transform: (row.transform ?? null) as Transform | null,
    destinationId,
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}
