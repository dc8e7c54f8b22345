import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";
import { organizations } from "./control.ts";

/**
 * Tables of chat, in the control database. Ids of conversations and messages are UUIDs, as its clients expect; users are
 * known by the ids of whoever signs them in. Times are ms UTC.
 */

const organizationId = () =>
  text("organization_id")
    .notNull()
    .references(() => organizations.id);

/** Whose tokens sign users in. */
export const chatIssuers = sqliteTable(
  "chat_issuers",
  {
    id: text("id").primaryKey(),
    organizationId: organizationId(),
    name: text("name").notNull(),
    /** The `iss` claim of its tokens. */
    issuer: text("issuer").notNull(),
    /** Where its public keys are (JWK Set). */
    jwksUrl: text("jwks_url").notNull(),
    /** What the `aud` claim of its tokens must hold. */
    audience: text("audience").notNull(),
    /** The claim that is the user's id, e.g. `sub`. */
    userClaim: text("user_claim").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [uniqueIndex("chat_issuers_issuer").on(t.organizationId, t.issuer, t.audience)],
);

/** Who has signed in, and what was last heard of them. */
export const chatUsers = sqliteTable(
  "chat_users",
  {
    organizationId: organizationId(),
    userId: text("user_id").notNull(),
    /** As their token says; "" when it does not. */
    name: text("name").notNull(),
    lastSeenAt: integer("last_seen_at").notNull(),
    /** The page they look at, JSON `{"url","title"}`; null: hidden or none. */
    page: text("page", { mode: "json" }).$type<ChatPage>(),
    /** The last one with an address. */
    latestPage: text("latest_page", { mode: "json" }).$type<ChatPage>(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.organizationId, t.userId] })],
);
export type ChatPage = { url: string; title: string };

export const chatConversations = sqliteTable(
  "chat_conversations",
  {
    id: text("id").primaryKey(),
    organizationId: organizationId(),
    /** JSON array of both users' ids, sorted: a pair has one conversation. Null for groups. */
    pairKey: text("pair_key"),
    isGroup: integer("is_group", { mode: "boolean" }).notNull(),
    title: text("title").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: integer("created_at").notNull(),
    /** Number of the last entry; entries are numbered from 1 without a hole. */
    lastSeq: integer("last_seq").notNull().default(0),
    /** Of the last entry that is a message; 0: there is none. */
    lastMessageSeq: integer("last_message_seq").notNull().default(0),
    /** Up to where the participants' channels have been told. */
    pushedSeq: integer("pushed_seq").notNull().default(0),
    lastAt: integer("last_at").notNull(),
  },
  (t) => [
    uniqueIndex("chat_conversations_pair").on(t.organizationId, t.pairKey),
    index("chat_conversations_unpushed").on(t.lastAt).where(sql`pushed_seq < last_seq`),
  ],
);

export const chatParticipants = sqliteTable(
  "chat_participants",
  {
    conversationId: text("conversation_id")
      .notNull()
      .references(() => chatConversations.id, { onDelete: "cascade" }),
    userId: text("user_id").notNull(),
    organizationId: text("organization_id").notNull(),
    /** The last entry before they joined: they are sent what comes after it. */
    joinedSeq: integer("joined_seq").notNull().default(0),
    /** They have read up to this entry. */
    lastReadSeq: integer("last_read_seq").notNull().default(0),
    /** No notice is made for them while they are away. */
    isMuted: integer("is_muted", { mode: "boolean" }).notNull().default(false),
    joinedAt: integer("joined_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.conversationId, t.userId] }),
    index("chat_participants_user").on(t.organizationId, t.userId),
  ],
);

/** What happened in a conversation, in its order. The newest messages are read from the end of its key. */
export const chatEntries = sqliteTable(
  "chat_entries",
  {
    conversationId: text("conversation_id")
      .notNull()
      .references(() => chatConversations.id, { onDelete: "cascade" }),
    seq: integer("seq").notNull(),
    /** Of a message: made of sender and `tempMessageId` where the client gave one, so that a repeat is the same. */
    id: text("id").notNull(),
    kind: text("kind").$type<ChatEntryKind>().notNull(),
    /** Who did it. */
    userId: text("user_id").notNull(),
    at: integer("at").notNull(),
    /** Of a message, as it is now; "" when it was deleted. Of others "". */
    content: text("content").notNull(),
    /** Of a message: the client's `tempMessageId`, JSON. Of others: what they change, JSON. */
    data: text("data", { mode: "json" }).$type<unknown>(),
    editedAt: integer("edited_at"),
    deletedAt: integer("deleted_at"),
  },
  (t) => [
    primaryKey({ columns: [t.conversationId, t.seq] }),
    uniqueIndex("chat_entries_id").on(t.conversationId, t.id),
  ],
);

export const CHAT_ENTRY_KINDS = [
  "message",
  "edit",
  "delete",
  "create",
  "add",
  "remove",
  "rename",
] as const;
export type ChatEntryKind = (typeof CHAT_ENTRY_KINDS)[number];

/** Whom a user does not want to hear of. */
export const chatBlocks = sqliteTable(
  "chat_blocks",
  {
    organizationId: organizationId(),
    userId: text("user_id").notNull(),
    blockedId: text("blocked_id").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.userId, t.blockedId] }),
    index("chat_blocks_blocked").on(t.organizationId, t.blockedId),
  ],
);
