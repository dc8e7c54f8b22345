import { and, eq, type SQL } from "drizzle-orm";
import type { Context } from "../context.ts";
import { tokenIssuers } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import type { TokenIssuer } from "./schemas.ts";
import { toIssuer } from "./to-issuer.ts";

/** An issuer of the organization. */
export function isIssuer(ctx: Context, id: string): SQL | undefined {
  return and(eq(tokenIssuers.id, id), eq(tokenIssuers.organizationId, ctx.organizationId));
}

export async function getIssuer(ctx: Context, id: string): Promise<TokenIssuer> {
  const row = await ctx.db.select().from(tokenIssuers).where(isIssuer(ctx, id)).get();
  if (!row) throw notFound("token issuer", id);
  return toIssuer(row);
}
