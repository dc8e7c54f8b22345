import { and, eq, notInArray, type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { Context } from "../context.ts";
import { sourceHostnames, sources } from "../db/schema/control.ts";
import { BatonError } from "../errors.ts";
import { assertDedupFits } from "./dedup.ts";
import { assertForeignHostnames } from "./hostname.ts";
import { getSourceInOrganization, type SourceRow } from "./load-sources.ts";
import {
  assertNamesFree,
  inJson,
  releaseStatement,
  reserveHostnamesStatement,
  unlessReserved,
} from "./names.ts";
import { assertPairIsStored } from "./preset-needs.ts";
import type { Source, UpdateSource } from "./schemas.ts";
import { toSource } from "./to-source.ts";
import { openSettings, sealSettings } from "./verification.ts";

/**
 * Changes what is given and leaves the rest. A hostname that is taken away stays reserved like a deleted source's.
 * 409 when somebody else changed `verification` or `preset` meanwhile: masks would bring back what they have taken out,
 * and each of the two changes could take away what the other one needs.
 */
export async function updateSource(ctx: Context, id: string, input: UpdateSource): Promise<Source> {
  const before = await getSourceInOrganization(ctx, id);
  const { name, enabled, response, hostnames, retentionDays, dedup, preset, requireSender } = input;
  assertForeignHostnames(ctx.settings, hostnames ?? []);
  const isGuarded = input.verification !== undefined || preset !== undefined;
  const current = isGuarded ? await openSettings(ctx.settings, before) : null;
  const after = input.verification === undefined ? current : input.verification;
  if (isGuarded) assertPairIsStored(preset ?? before.preset, after);
  assertDedupFits(preset ?? before.preset, dedup === undefined ? (before.dedup ?? null) : dedup);
  const verification = await sealSettings(ctx.settings, id, input.verification, current);
  const now = Date.now();
  const update = ctx.db
    .update(sources)
    .set({
      name,
      enabled,
      response,
      verification,
      dedup,
      preset,
      requireSender,
      ...(retentionDays !== undefined && retentionChange(retentionDays, now)),
      updatedAt: isGuarded ? unlessChanged(before, now) : now,
    })
    .where(eq(sources.id, id));
  try {
    await ctx.db.batch([update, ...(hostnames ? hostnameStatements(ctx, id, hostnames) : [])]);
  } catch (error) {
    // A source that was deleted meanwhile is a 404, not a broken foreign key.
    const found = await getSourceInOrganization(ctx, id);
    const isSame = found.verification === before.verification && found.preset === before.preset;
    if (isGuarded && !isSame) throw changedMeanwhile(id);
    const added = (hostnames ?? []).filter((hostname) => !before.hostnames.includes(hostname));
    await assertNamesFree(ctx, { hostnames: added });
    throw error;
  }
  return toSource(ctx.settings, await getSourceInOrganization(ctx, id));
}

/**
 * The time, or NULL when the row's `verification` or `preset` is another by now. NULL breaks the column's NOT NULL and so
 * the whole batch. Sealing is never the same twice, so an equal text means that nobody else wrote it.
 */
function unlessChanged(
  { verification, preset }: Pick<SourceRow, "verification" | "preset">,
  now: number,
): SQL<number> {
  return sql`CASE WHEN ${sources.verification} IS ${verification} AND ${sources.preset} IS ${preset}
    THEN ${now} ELSE NULL END`;
}

/** When retention was changed last: setting what it is already is no change. */
function retentionChange(retentionDays: number | null, now: number) {
  const retentionChangedAt = sql<number>`CASE WHEN ${sources.retentionDays} IS ${retentionDays}
    THEN ${sources.retentionChangedAt} ELSE ${now} END`;
  return { retentionDays, retentionChangedAt };
}

function changedMeanwhile(id: string): BatonError {
  return new BatonError(
    "conflict",
    `${id} was changed meanwhile. Read it and send the change again.`,
  );
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
