import { and, eq, type SQL } from "drizzle-orm";
import type { Context } from "../context.ts";
import { chatIssuers } from "../db/schema/chat.ts";
import { notFound } from "../errors.ts";
import type { ChatIssuer } from "./schemas.ts";
import { toIssuer } from "./to-issuer.ts";

/** An issuer of the organization. */
export function isIssuer(ctx: Context, id: string): SQL | undefined {
  return and(eq(chatIssuers.id, id), eq(chatIssuers.organizationId, ctx.organizationId));
}

export async function getIssuerInOrganization(ctx: Context, id: string) {
  const row = await ctx.db.select().from(chatIssuers).where(isIssuer(ctx, id)).get();
  if (!row) throw notFound("chat issuer", id);
  return row;
}

export async function getIssuer(ctx: Context, id: string): Promise<ChatIssuer> {
  return toIssuer(await getIssuerInOrganization(ctx, id));
}
