import type { Context } from "../context.ts";
import { senders } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { isSender } from "./get-sender.ts";

/** Deletes a sender: its key is refused from then on. Its events stay. */
export async function deleteSender(ctx: Context, sourceId: string, id: string): Promise<void> {
  const deleted = await ctx.db
    .delete(senders)
    .where(isSender(ctx, sourceId, id))
    .returning({ id: senders.id });
  if (deleted.length === 0) throw notFound("sender", id);
}
