import { and, eq, gt, inArray, ne, type SQL, sql } from "drizzle-orm";
import type { Context } from "../context.ts";
import { reservedNames, sourceHostnames, sources } from "../db/schema/control.ts";
import { BatonError } from "../errors.ts";
import { toRfc3339 } from "../time.ts";
import { RESERVED_NAME_MS } from "./constants.ts";

export type NameKind = "slug" | "hostname";
export type Names = { slug?: string; hostnames?: string[] };

/**
 * The name, or NULL while it is in reserve for another organization. NULL breaks the column's NOT NULL and so the whole
 * batch: the check cannot be overtaken by a deletion. The organization itself may take its name back.
 */
export function unlessReserved(ctx: Context, kind: NameKind, name: string): SQL<string> {
  return sql`CASE WHEN EXISTS (
    SELECT 1 FROM ${reservedNames} WHERE kind = ${kind} AND name = ${name}
      AND organization_id <> ${ctx.organizationId} AND until > ${Date.now()}
  ) THEN NULL ELSE ${name} END`;
}

/** Statement: the organization's own reservations of these names end, as it uses them again. */
export function releaseStatement(ctx: Context, kind: NameKind, names: string[]) {
  return ctx.db
    .delete(reservedNames)
    .where(
      and(
        eq(reservedNames.kind, kind),
        inArray(reservedNames.name, inJson(names)),
        eq(reservedNames.organizationId, ctx.organizationId),
      ),
    );
}

/** Statement: reserves a source's slug. */
export function reserveSlugStatement(ctx: Context, sourceId: string) {
  return reserveStatement(
    ctx,
    sql`SELECT 'slug', slug, ${ctx.organizationId}, ${until()} FROM ${sources} WHERE id = ${sourceId}`,
  );
}

/** Statement: reserves a source's hostnames, except those it keeps. */
export function reserveHostnamesStatement(ctx: Context, sourceId: string, kept: string[] = []) {
  return reserveStatement(
    ctx,
    sql`SELECT 'hostname', hostname, ${ctx.organizationId}, ${until()} FROM ${sourceHostnames}
      WHERE source_id = ${sourceId} AND hostname NOT IN ${inJson(kept)}`,
  );
}

/** 409 that says which name is taken or reserved, never whose it is. Returns when all are free. */
export async function assertNamesFree(ctx: Context, { slug, hostnames = [] }: Names) {
  if (slug !== undefined) {
    if (await ctx.db.select({ id: sources.id }).from(sources).where(eq(sources.slug, slug)).get()) {
      throw conflict("slug", slug, "is taken in this deployment; choose another one");
    }
    await assertNotReserved(ctx, "slug", slug, "slug");
  }
  for (const [i, hostname] of hostnames.entries()) {
    const holder = await ctx.db
      .select({ sourceId: sourceHostnames.sourceId })
      .from(sourceHostnames)
      .where(eq(sourceHostnames.hostname, hostname))
      .get();
    if (holder) throw conflict(`hostnames.${i}`, hostname, "already leads to another source");
    await assertNotReserved(ctx, "hostname", hostname, `hostnames.${i}`);
  }
}

async function assertNotReserved(ctx: Context, kind: NameKind, name: string, path: string) {
  const row = await ctx.db
    .select({ until: reservedNames.until })
    .from(reservedNames)
    .where(
      and(
        eq(reservedNames.kind, kind),
        eq(reservedNames.name, name),
        ne(reservedNames.organizationId, ctx.organizationId),
        gt(reservedNames.until, Date.now()),
      ),
    )
    .get();
  if (!row) return;
  const time = toRfc3339(row.until);
  throw conflict(path, name, `was in use until lately and is reserved until ${time}`);
}

function conflict(path: string, name: string, reason: string): BatonError {
  const message = `\`${name}\` ${reason}`;
  return new BatonError("conflict", `${path}: ${message}`, { errors: [{ path, message }] });
}

/** The select is raw for its constants; its columns stand in the table's order. */
function reserveStatement(ctx: Context, rows: SQL) {
  return ctx.db
    .insert(reservedNames)
    .select(rows)
    .onConflictDoUpdate({
      target: [reservedNames.kind, reservedNames.name],
      set: { organizationId: sql`excluded.organization_id`, until: sql`excluded.until` },
    });
}

function until(): number {
  return Date.now() + RESERVED_NAME_MS;
}

/** One bound parameter for a whole list. */
export function inJson(names: string[]): SQL {
  return sql`(SELECT value FROM json_each(${JSON.stringify(names)}))`;
}
