import { and, eq, type SQL } from "drizzle-orm";
import type { Context } from "../context.ts";
import { senders } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import type { Sender } from "./schemas.ts";
import { toSender } from "./to-sender.ts";

/** A sender of the organization, at its source. */
export function isSender(ctx: Context, sourceId: string, id: string): SQL | undefined {
  return and(
    eq(senders.id, id),
    eq(senders.sourceId, sourceId),
    eq(senders.organizationId, ctx.organizationId),
  );
}

export async function getSender(ctx: Context, sourceId: string, id: string): Promise<Sender> {
  const row = await ctx.db
    .select()
    .from(senders)
    .where(isSender(ctx, sourceId, id))
    .get();
  if (!row) throw notFound("sender", id);
  return toSender(row);
}
