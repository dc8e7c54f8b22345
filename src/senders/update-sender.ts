import type { Context } from "../context.ts";
import { senders } from "../db/schema/control.ts";
import { notFound } from "../errors.ts";
import { getSender, isSender } from "./get-sender.ts";
import type { Sender, UpdateSender } from "./schemas.ts";
import { toSender } from "./to-sender.ts";
import { assertNameFree, unlessTaken } from "./unless-taken.ts";

/** Changes what is given and leaves the rest; events that are stored keep the name they came with. */
export async function updateSender(
  ctx: Context,
  sourceId: string,
  id: string,
  input: UpdateSender,
): Promise<Sender> {
  const before = await getSender(ctx, sourceId, id);
  if (Object.keys(input).length === 0) return before;
  const { name, match, phone, state } = input;
  const update = ctx.db
    .update(senders)
    .set({
      name: name === undefined ? undefined : unlessTaken(sourceId, id, name),
      match,
      phone,
      state,
      updatedAt: Date.now(),
    })
    .where(isSender(ctx, sourceId, id))
    .returning();
  try {
    const row = await update.get();
    // Deleted since it was read.
    if (!row) throw notFound("sender", id);
    return toSender(row);
  } catch (error) {
    if (name !== undefined) await assertNameFree(ctx, sourceId, id, name);
    throw error;
  }
}
