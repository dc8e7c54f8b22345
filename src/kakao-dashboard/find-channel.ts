import { and, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { sources } from "../db/schema/control.ts";
import { notFound, refused } from "../errors.ts";

const REMEDY = "a source of preset `kakao`";

/**
 * The source that a new session belongs to: the one asked for, else the deployment's own where it is this
 * organization's, else the only one there is. 404 for another organization's; 422 when it is no channel, or none of many.
 */
export async function findChannel(
  ctx: Context,
  wanted: string | undefined,
  defaultSource: string,
): Promise<{ id: string; organizationId: string }> {
  const rows = await ctx.db
    .select({
      id: sources.id,
      organizationId: sources.organizationId,
      slug: sources.slug,
      preset: sources.preset,
    })
    .from(sources)
    .where(
      and(
        eq(sources.organizationId, ctx.organizationId),
        wanted === undefined ? eq(sources.preset, "kakao") : eq(sources.id, wanted),
      ),
    );
  if (wanted !== undefined && !rows[0]) throw notFound("source", wanted);
  if (wanted !== undefined && rows[0]?.preset !== "kakao") {
    throw refused("sourceId", `is not a KakaoTalk channel; name ${REMEDY}`);
  }
  const only = rows.length === 1 ? rows[0] : undefined;
  const found = rows.find(({ slug }) => slug === defaultSource) ?? only;
  if (found) return found;
  if (rows.length === 0) throw refused("sourceId", `there is none yet; create ${REMEDY} first`);
  throw refused("sourceId", `there are ${rows.length} KakaoTalk channels; name one`);
}
