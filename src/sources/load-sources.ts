import { and, desc, eq, lt, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { sourceHostnames, sources } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";

function readHostnames(json: string): string[] {
  return (JSON.parse(json) as string[]).toSorted();
}

const COLUMNS = {
  id: sources.id,
  slug: sources.slug,
  name: sources.name,
  shard: sources.shard,
  enabled: sources.enabled,
  response: sources.response,
  verification: sources.verification,
  dedup: sources.dedup,
  preset: sources.preset,
  requireSender: sources.requireSender,
  retentionDays: sources.retentionDays,
  createdAt: sources.createdAt,
  updatedAt: sources.updatedAt,
  // A subquery, so that a page of sources is one statement.
  hostnames: sql`(
    SELECT json_group_array(source_hostnames.hostname) FROM ${sourceHostnames}
    WHERE source_hostnames.source_id = sources.id)`.mapWith(readHostnames),
};

export type SourceRow = Awaited<ReturnType<typeof selectSources>>[number];

/** Loads a source of the organization; 404 for another organization's. */
export async function getSourceInOrganization(ctx: Context, id: string): Promise<SourceRow> {
  const row = await ctx.db
    .select(COLUMNS)
    .from(sources)
    .where(and(eq(sources.id, id), eq(sources.organizationId, ctx.organizationId)))
    .get();
  if (!row) throw notFound("source", id);
  return row;
}

/** The organization's sources, newest first, older than the one with id `before`. */
export async function selectSources(ctx: Context, before: string | undefined, limit: number) {
  return ctx.db
    .select(COLUMNS)
    .from(sources)
    .where(
      and(
        eq(sources.organizationId, ctx.organizationId),
        before === undefined ? undefined : lt(sources.id, before),
      ),
    )
    .orderBy(desc(sources.id))
    .limit(limit);
}
