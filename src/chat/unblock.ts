import { and, eq } from "drizzle-orm";
import { chatBlocks } from "../db/schema/chat.ts";
import type { ChatContext } from "./types.ts";

/** Takes a block back; one that is not there is as it should be. */
export async function unblock(
  { db, user }: ChatContext,
  { userId }: { userId: string },
): Promise<void> {
  await db
    .delete(chatBlocks)
    .where(
      and(
        eq(chatBlocks.organizationId, user.organizationId),
        eq(chatBlocks.userId, user.id),
        eq(chatBlocks.blockedId, userId),
      ),
    );
}
