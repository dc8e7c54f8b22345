import { and, eq, sql } from "drizzle-orm";
import type { ChatContext } from "../chat/index.ts";
import { chatUsers } from "../db/schema/chat.ts";

type Ctx = Pick<ChatContext, "db" | "user">;

/** Keeps that a user was here now. Gives when they were before that (ms UTC); 0: never. */
export async function markSeen({ db, user }: Ctx): Promise<number> {
  const { organizationId, id: userId, name } = user;
  const now = Date.now();
  const [before] = await db.batch([
    db
      .select({ lastSeenAt: chatUsers.lastSeenAt })
      .from(chatUsers)
      .where(and(eq(chatUsers.organizationId, organizationId), eq(chatUsers.userId, userId))),
    db
      .insert(chatUsers)
      .values({ organizationId, userId, name, lastSeenAt: now, createdAt: now })
      .onConflictDoUpdate({
        target: [chatUsers.organizationId, chatUsers.userId],
        // A token that does not say the name is no reason to forget it.
        set: {
          lastSeenAt: now,
          ...(name !== "" && { name: sql`excluded.name` }),
        },
      }),
  ]);
  return before[0]?.lastSeenAt ?? 0;
}
