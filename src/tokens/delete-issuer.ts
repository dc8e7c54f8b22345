import type { Context } from "../context.ts";
import { tokenIssuers } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { isIssuer } from "./get-issuer.ts";

/** Deletes an issuer: its tokens open nothing any more. A stream that is open ends within its longest life. */
export async function deleteIssuer(ctx: Context, id: string): Promise<void> {
  const deleted = await ctx.db
    .delete(tokenIssuers)
    .where(isIssuer(ctx, id))
    .returning({ id: tokenIssuers.id });
  if (deleted.length === 0) throw notFound("token issuer", id);
}
