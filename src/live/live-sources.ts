import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { sources } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { MAX_LIVE_SOURCES, WATCH_MS, WATCH_RENEW_MS } from "./constants.ts";

/** A source that a stream shows, and where its events are. */
export type LiveSource = { id: string; shard: number };

/** The source with this id, or the newest of the organization; 404 for another organization's. */
export async function selectLiveSources(ctx: Context, id: string | null): Promise<LiveSource[]> {
  const rows = await ctx.db
    .select({ id: sources.id, shard: sources.shard })
    .from(sources)
    .where(
      and(
        eq(sources.organizationId, ctx.organizationId),
        id === null ? undefined : eq(sources.id, id),
      ),
    )
    .orderBy(desc(sources.id))
    .limit(MAX_LIVE_SOURCES);
  if (id !== null && rows.length === 0) throw notFound("source", id);
  return rows;
}

/** Marks sources as watched, so that the consumer tells of them. Writes only marks that are about to end. */
export async function markWatched(ctx: Context, watched: readonly LiveSource[]): Promise<void> {
  const now = Date.now();
  const ids = JSON.stringify(watched.map(({ id }) => id));
  await ctx.db
    .update(sources)
    .set({ watchedUntil: now + WATCH_MS })
    .where(
      and(
        inArray(sources.id, sql`(SELECT value FROM json_each(${ids}))`),
        eq(sources.organizationId, ctx.organizationId),
        lt(sql`coalesce(${sources.watchedUntil}, 0)`, now + WATCH_RENEW_MS),
      ),
    )
    .run();
}
