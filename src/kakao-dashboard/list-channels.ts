import { and, asc, eq } from "drizzle-orm";
import type { Context } from "../context.ts";
import { sources } from "../db/schema/control.ts";
import { MAX_LISTED_ACCOUNTS } from "./constants.ts";
import type { KakaoChannel } from "./schemas.ts";

/** The organization's KakaoTalk channels, with the addresses that Kakao and the agents' plugins are given. */
export async function listKakaoChannels(
  ctx: Context,
  defaultSource: string,
): Promise<KakaoChannel[]> {
  const rows = await ctx.db
    .select({
      sourceId: sources.id,
      slug: sources.slug,
      name: sources.name,
      enabled: sources.enabled,
    })
    .from(sources)
    .where(and(eq(sources.organizationId, ctx.organizationId), eq(sources.preset, "kakao")))
    .orderBy(asc(sources.id))
    .limit(MAX_LISTED_ACCOUNTS);
  return rows.map((row) => {
    const isDefault = row.slug === defaultSource;
    const { appUrl } = ctx.settings;
    const relayUrl = isDefault ? appUrl : `${appUrl}/kakao/${row.slug}`;
    const webhookUrl = isDefault ? `${appUrl}/kakao/webhook` : `${relayUrl}/webhook`;
    return { ...row, isDefault, webhookUrl, relayUrl };
  });
}
