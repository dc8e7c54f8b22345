import { and, eq } from "drizzle-orm";
import { chatBlocks } from "../db/schema/chat.ts";
import type { ChatContext } from "./types.ts";

/** Ids of those whom the asker has blocked. */
export async function listBlocks({ db, user }: ChatContext): Promise<string[]> {
  const rows = await db
    .select({ userId: chatBlocks.blockedId })
    .from(chatBlocks)
    .where(and(eq(chatBlocks.organizationId, user.organizationId), eq(chatBlocks.userId, user.id)))
    .orderBy(chatBlocks.blockedId);
  return rows.map(({ userId }) => userId);
}
