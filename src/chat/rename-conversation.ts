import { and, eq, sql } from "drizzle-orm";
import { chatConversations } from "../db/schema/chat.ts";
import { addEntry, isMade } from "./add-entry.ts";
import { checkTitle } from "./checks.ts";
import { explainRefusal } from "./explain-refusal.ts";
import type { ChatContext } from "./types.ts";

export type RenameConversation = { conversationId: string; title: string };

/** Gives a group another title. `conversation_not_found`, `not_allowed` of a direct one, `invalid_field`. */
export async function renameConversation(
  ctx: ChatContext,
  { conversationId, ...input }: RenameConversation,
): Promise<void> {
  const title = checkTitle(input.title);
  const entry = {
    conversationId,
    id: crypto.randomUUID(),
    kind: "rename",
    data: JSON.stringify({ title }),
  } as const;
  const rename = ctx.db
    .update(chatConversations)
    .set({ title })
    .where(and(eq(chatConversations.id, conversationId), isMade(entry)));
  const guard = sql`c.is_group = 1 AND c.title <> ${title}`;
  if (await addEntry(ctx, entry, guard, rename)) return;
  await explainRefusal(ctx, conversationId, { needsGroup: true });
}
