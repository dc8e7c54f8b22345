import { and, eq } from "drizzle-orm";
import type { ChatContext } from "../chat/index.ts";
import { type ChatPage, chatUsers } from "../db/schema/chat.ts";
import { markSeen } from "./mark-seen.ts";
import { selectRecentFriends } from "./select-friends.ts";
import { presenceTopic, tellUsers } from "./topics.ts";
import { updateFrame } from "./update-frame.ts";

/** A user looks at a page; an empty address hides it. Friends are told, and the user's own presence connections. */
export async function updatePresence(ctx: ChatContext, page: ChatPage): Promise<void> {
  await markSeen(ctx);
  const { organizationId, id } = ctx.user;
  const [row] = await ctx.db
    .update(chatUsers)
    .set({ page, ...(page.url !== "" && { latestPage: page }) })
    .where(and(eq(chatUsers.organizationId, organizationId), eq(chatUsers.userId, id)))
    .returning({ latestPage: chatUsers.latestPage });
  const friends = await selectRecentFriends(ctx);
  const frame = updateFrame(id, page, row?.latestPage ?? null);
  await tellUsers(ctx, [id, ...friends], presenceTopic, frame);
}
