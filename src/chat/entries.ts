import { sql } from "drizzle-orm";
import type { NewFrame } from "../channels/index.ts";
import type { ControlDb } from "../db/client.ts";
import { type ChatEntryKind, chatEntries } from "../db/schema/chat.ts";
import { toRfc3339 } from "../time.ts";
import type { Push } from "./types.ts";

/** What happened in a conversation, as participants are told of it. */
export type Entry = {
  seq: number;
  id: string;
  kind: ChatEntryKind;
  userId: string;
  at: number;
  /** Of a message, or of one that was edited, as it is now. */
  content: string;
  data: unknown;
  deletedAt: number | null;
  /** Of an edit: the number of the message. */
  messageSeq: number | null;
};

/** `data` of entries that are no message. `joined`: where each of `userIds` had begun, while they were in it. */
export type EntryData = {
  create: { title: string; isGroup: boolean; participants: string[] };
  add: { userIds: string[] };
  remove: { userIds: string[]; joined: Record<string, number> };
  rename: { title: string };
  edit: { messageId: string };
  delete: { messageId: string };
};

const COLUMNS = {
  seq: chatEntries.seq,
  id: chatEntries.id,
  kind: chatEntries.kind,
  userId: chatEntries.userId,
  at: chatEntries.at,
  // An edit is told with what the message says now: what was deleted meanwhile is told no more.
  content: sql<string>`CASE kind WHEN 'edit' THEN coalesce((
      SELECT m.content FROM chat_entries m WHERE m.conversation_id = chat_entries.conversation_id
        AND m.id = json_extract(chat_entries.data, '$.messageId')), '')
    ELSE content END`.as("content_now"),
  messageSeq: sql<number | null>`CASE kind WHEN 'edit' THEN (
      SELECT m.seq FROM chat_entries m WHERE m.conversation_id = chat_entries.conversation_id
        AND m.id = json_extract(chat_entries.data, '$.messageId')) END`.as("message_seq"),
  data: chatEntries.data,
  deletedAt: chatEntries.deletedAt,
};

/** A query of entries; the caller says which, and in which order. */
export function selectEntries(db: ControlDb) {
  return db.select(COLUMNS).from(chatEntries);
}

/**
 * The entry for one who is told of what comes after `base`: of an edit of something that was written before only that
 * there was one. Who has written it may know.
 */
export function entryFor(userId: string, base: number, entry: Entry): Entry {
  const { kind, messageSeq } = entry;
  const isBefore = kind === "edit" && messageSeq !== null && messageSeq <= base;
  return isBefore && entry.userId !== userId ? { ...entry, content: "" } : entry;
}

/** What a participant's channel is told of an entry. */
export function frameOf(conversationId: string, entry: Entry): NewFrame {
  const { type, ...data } = pushOf(conversationId, entry);
  return { event: type, data: JSON.stringify(data) };
}

function pushOf(conversationId: string, { kind, ...entry }: Entry): Push {
  const at = toRfc3339(entry.at);
  const { userId } = entry;
  switch (kind) {
    case "message":
      return {
        type: "new-message",
        messageId: entry.id,
        tempMessageId: entry.data ?? null,
        conversationId,
        senderId: userId,
        content: entry.content,
        sentAt: at,
      };
    case "edit": {
      const { messageId } = entry.data as EntryData["edit"];
      const { content } = entry;
      return { type: "message-edited", conversationId, messageId, userId, content, editedAt: at };
    }
    case "delete": {
      const { messageId } = entry.data as EntryData["delete"];
      return { type: "message-deleted", conversationId, messageId, userId, deletedAt: at };
    }
    case "create": {
      const facts = entry.data as EntryData["create"];
      return { type: "conversation-created", conversationId, userId, ...facts, at };
    }
    case "add":
    case "remove": {
      const { userIds } = entry.data as EntryData["add"];
      const type = kind === "add" ? "participants-added" : "participants-removed";
      return { type, conversationId, userId, userIds, at };
    }
    case "rename": {
      const { title } = entry.data as EntryData["rename"];
      return { type: "conversation-renamed", conversationId, userId, title, at };
    }
  }
}
