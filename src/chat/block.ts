import { sql } from "drizzle-orm";
import { chatBlocks } from "../db/schema/chat.ts";
import { ChatError } from "./chat-error.ts";
import { checkUserId } from "./checks.ts";
import { MAX_BLOCKS } from "./constants.ts";
import type { ChatContext } from "./types.ts";

/** The other can write to the asker no more, except in groups that both are in. `invalid_field`. */
export async function block(
  { db, user }: ChatContext,
  { userId }: { userId: string },
): Promise<void> {
  const blocked = checkUserId(userId);
  if (blocked === user.id) throw new ChatError("invalid_field", "userId: name another user.");
  const ours = sql`organization_id = ${user.organizationId} AND user_id = ${user.id}`;
  const [, [row]] = await db.batch([
    db
      .insert(chatBlocks)
      .select(sql`
      SELECT ${user.organizationId}, ${user.id}, ${blocked}, ${Date.now()}
      WHERE (SELECT count(*) FROM chat_blocks WHERE ${ours}) < ${MAX_BLOCKS}`)
      .onConflictDoNothing(),
    db
      .select({ blockedId: chatBlocks.blockedId })
      .from(chatBlocks)
      .where(sql`${ours} AND blocked_id = ${blocked}`),
  ]);
  if (row) return;
  throw new ChatError(
    "invalid_field",
    `userId: you have blocked ${MAX_BLOCKS} users, which is the limit; unblock one first.`,
  );
}
