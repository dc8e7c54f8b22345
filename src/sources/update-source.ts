import { and, eq, notInArray, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Context } from "../context.ts";
import { sourceHostnames, sources } from "../db/schema/control.ts";
import { assertForeignHostnames } from "./hostname.ts";
import { getSourceInOrganization } from "./load-sources.ts";
import {
  assertNamesFree,
  inJson,
  releaseStatement,
  reserveHostnamesStatement,
  unlessReserved,
} from "./names.ts";
import type { Source, UpdateSource } from "./schemas.ts";
import { toSource } from "./to-source.ts";
import { openSettings, sealSettings } from "./verification.ts";

/** Changes what is given and leaves the rest. A hostname that is taken away stays reserved like a deleted source's. */
export async function updateSource(ctx: Context, id: string, input: UpdateSource): Promise<Source> {
  const before = await getSourceInOrganization(ctx, id);
  const { name, enabled, response, hostnames, retentionDays, dedup } = input;
  assertForeignHostnames(ctx.settings, hostnames ?? []);
  const current = input.verification ? await openSettings(ctx.settings, before) : null;
  const verification = await sealSettings(ctx.settings, id, input.verification, current);
  const update = ctx.db
    .update(sources)
    .set({
      name,
      enabled,
      response,
      verification,
      dedup,
      ...(retentionDays !== undefined && { retentionDays, retentionChangedAt: Date.now() }),
      updatedAt: Date.now(),
    })
    .where(eq(sources.id, id));
  try {
    await ctx.db.batch([update, ...(hostnames ? hostnameStatements(ctx, id, hostnames) : [])]);
  } catch (error) {
    const added = (hostnames ?? []).filter((hostname) => !before.hostnames.includes(hostname));
    await assertNamesFree(ctx, { hostnames: added });
    // A source that was deleted meanwhile is a 404, not a broken foreign key.
    await getSourceInOrganization(ctx, id);
    throw error;
  }
  return toSource(ctx.settings, await getSourceInOrganization(ctx, id));
}

function hostnameStatements(ctx: Context, id: string, wanted: string[]): BatchItem<"sqlite">[] {
  return [
    reserveHostnamesStatement(ctx, id, wanted),
    ctx.db
      .delete(sourceHostnames)
      .where(
        and(eq(sourceHostnames.sourceId, id), notInArray(sourceHostnames.hostname, inJson(wanted))),
      ),
    ...wanted.map((hostname) => addStatement(ctx, id, hostname)),
    releaseStatement(ctx, "hostname", wanted),
  ];
}

/** The select is raw for its constants. A hostname that this source has already stays as it is. */
function addStatement(ctx: Context, id: string, hostname: string) {
  return ctx.db.insert(sourceHostnames).select(sql`
    SELECT ${unlessReserved(ctx, "hostname", hostname)}, ${id}
    WHERE NOT EXISTS (
      SELECT 1 FROM ${sourceHostnames} WHERE hostname = ${hostname} AND source_id = ${id})`);
}
