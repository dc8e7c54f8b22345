import { and, gt, inArray, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { sources } from "../db/schema/control.ts";
import { log } from "../log.ts";
import { takeNotes } from "./notes.ts";

/** Tells those who watch of deliveries that were changed outside a batch. Never throws: they read again by themselves. */
export async function tellWatchers(
  deps: Pick<Deps, "db" | "channels">,
  changed: readonly { id: string; sourceId: string }[],
): Promise<void> {
  if (changed.length === 0) return;
  const ids = JSON.stringify([...new Set(changed.map(({ sourceId }) => sourceId))]);
  try {
    const watched = await deps.db
      .select({ id: sources.id, watchedUntil: sources.watchedUntil })
      .from(sources)
      .where(
        and(
          inArray(sources.id, sql`(SELECT value FROM json_each(${ids}))`),
          gt(sources.watchedUntil, Date.now()),
        ),
      );
    const notes = takeNotes(deps, new Map(watched.map((row) => [row.id, row])));
    for (const one of changed) notes.delivery(one);
    await notes.end();
  } catch (error) {
    log.warn("watchers_not_told", { count: changed.length, error });
  }
}
