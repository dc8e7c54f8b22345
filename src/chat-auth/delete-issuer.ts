import type { Context } from "../context.ts";
import { chatIssuers } from "../db/schema/chat.ts";
import { notFound } from "../errors.ts";
import { isIssuer } from "./get-issuer.ts";

/** Deletes an issuer: its tokens sign nobody in any more. A socket that is open ends within its longest life. */
export async function deleteIssuer(ctx: Context, id: string): Promise<void> {
  const deleted = await ctx.db
    .delete(chatIssuers)
    .where(isIssuer(ctx, id))
    .returning({ id: chatIssuers.id });
  if (deleted.length === 0) throw notFound("chat issuer", id);
}
