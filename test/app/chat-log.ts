import { asc, eq } from "drizzle-orm";
import type { ChatContext } from "../../src/chat/index.ts";
import { chatConversations, chatEntries } from "../../src/db/schema/chat.ts";
import { pushesOf, type ToldPush } from "./chat-support.ts";
import { control } from "./support.ts";

/*
 * What a user's channel must hold, told from the entries alone.
 */

type Data = { userIds?: string[]; participants?: string[]; messageId?: string } | null;

const TYPES = {
  message: "new-message",
  edit: "message-edited",
  delete: "message-deleted",
  create: "conversation-created",
  add: "participants-added",
  remove: "participants-removed",
  rename: "conversation-renamed",
} as const;

/** The entries of a conversation that a user is told: while they are in it, and their coming and going. */
export async function entriesFor(userId: string, conversationId: string): Promise<string[]> {
  const rows = await control
    .select()
    .from(chatEntries)
    .where(eq(chatEntries.conversationId, conversationId))
    .orderBy(asc(chatEntries.seq));
  const told: string[] = [];
  let isIn = false;
  for (const { kind, id, at, data, ...row } of rows) {
    const { userIds = [], participants = [], messageId } = (data as Data) ?? {};
    if (kind === "create" && participants.includes(userId)) isIn = true;
    if (kind === "add" && userIds.includes(userId)) isIn = true;
    if (isIn) {
      const what = kind === "message" ? id : kind === "edit" || kind === "delete" ? messageId : "";
      told.push(`${TYPES[kind]} ${row.userId} ${what} ${new Date(at).toISOString()}`);
    }
    if (kind === "remove" && userIds.includes(userId)) isIn = false;
  }
  return told;
}

/** What a user was told of a conversation, in the same words. */
export async function toldTo(of: ChatContext, conversationId: string): Promise<string[]> {
  const pushes = await pushesOf(of);
  return pushes
    .filter((push) => push.conversationId === conversationId && push.type !== "read-messages")
    .map(wordsOf);
}

function wordsOf(push: ToldPush): string {
  const who = push.userId ?? push.senderId;
  const at = push.at ?? push.sentAt ?? push.editedAt ?? push.deletedAt;
  return [push.type, who, push.messageId ?? "", at].join(" ");
}

/** Makes a conversation old enough for the job. */
export async function age(conversationId: string, ms = 60_000): Promise<void> {
  const row = await control
    .select({ lastAt: chatConversations.lastAt })
    .from(chatConversations)
    .where(eq(chatConversations.id, conversationId))
    .get();
  await control
    .update(chatConversations)
    .set({ lastAt: (row?.lastAt ?? 0) - ms })
    .where(eq(chatConversations.id, conversationId));
}
