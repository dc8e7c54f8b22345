import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { organizations, sources } from "./control.ts";

/** Tables of the Kakao relay, in the control database. Ids are UUIDs, as its clients expect. Times are ms UTC. */

const owner = {
  organizationId: text("organization_id")
    .notNull()
    .references(() => organizations.id),
  /** The source, of preset `kakao`, whose callbacks are the KakaoTalk channel's. */
  sourceId: text("source_id")
    .notNull()
    .references(() => sources.id, { onDelete: "cascade" }),
};

/** An agent: what a session becomes when its first user pairs. */
export const kakaoAccounts = sqliteTable(
  "kakao_accounts",
  {
    id: text("id").primaryKey(),
    ...owner,
    /** SHA-256, lower-case hex. The token itself is made of the master key, the id and the version when it is asked for. */
    relayTokenHash: text("relay_token_hash").notNull().unique(),
    relayTokenVersion: integer("relay_token_version").notNull().default(1),
    rateLimitPerMinute: integer("rate_limit_per_minute").notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (t) => [index("kakao_accounts_organization").on(t.organizationId, t.createdAt)],
);

/** What a plugin opens before anybody has paired, and keeps. */
export const kakaoSessions = sqliteTable(
  "kakao_sessions",
  {
    id: text("id").primaryKey(),
    ...owner,
    /** SHA-256, lower-case hex. */
    tokenHash: text("token_hash").notNull().unique(),
    status: text("status")
      .$type<"pending_pairing" | "paired" | "expired" | "disconnected">()
      .notNull(),
    accountId: text("account_id").references(() => kakaoAccounts.id, { onDelete: "set null" }),
    /** Of the first user. */
    pairedConversationKey: text("paired_conversation_key"),
    pairedAt: integer("paired_at"),
    expiresAt: integer("expires_at").notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (t) => [
    index("kakao_sessions_organization").on(t.organizationId, t.createdAt),
    index("kakao_sessions_account").on(t.accountId).where(sql`account_id IS NOT NULL`),
    index("kakao_sessions_open").on(t.expiresAt).where(sql`status <> 'paired'`),
  ],
);

/** Pairing codes: a session's first one, and further ones for the same account. Each is good for one user. */
export const kakaoCodes = sqliteTable(
  "kakao_codes",
  {
    /** `XXXX-XXXX`. */
    code: text("code").primaryKey(),
    sessionId: text("session_id")
      .notNull()
      .references(() => kakaoSessions.id, { onDelete: "cascade" }),
    sourceId: text("source_id").notNull(),
    expiresAt: integer("expires_at").notNull(),
    usedAt: integer("used_at"),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [index("kakao_codes_session").on(t.sessionId), index("kakao_codes_age").on(t.expiresAt)],
);

/** A user of the KakaoTalk channel. */
export const kakaoConversations = sqliteTable(
  "kakao_conversations",
  {
    id: text("id").primaryKey(),
    ...owner,
    /** `<bot id>:<user key>`. */
    key: text("key").notNull(),
    userKey: text("user_key").notNull(),
    state: text("state").$type<"unpaired" | "paired">().notNull(),
    accountId: text("account_id").references(() => kakaoAccounts.id, { onDelete: "set null" }),
    pairedAt: integer("paired_at"),
    lastSeenAt: integer("last_seen_at").notNull(),
    createdAt: integer("created_at").notNull(),
    /** Wrong codes since then: guessing is limited. */
    wrongCodes: integer("wrong_codes").notNull().default(0),
    wrongCodesSince: integer("wrong_codes_since"),
  },
  (t) => [
    uniqueIndex("kakao_conversations_key").on(t.sourceId, t.key),
    index("kakao_conversations_account").on(t.accountId).where(sql`account_id IS NOT NULL`),
  ],
);

/** What a user wrote to an agent, and what became of it. */
export const kakaoMessages = sqliteTable(
  "kakao_messages",
  {
    id: text("id").primaryKey(),
    ...owner,
    accountId: text("account_id")
      .notNull()
      .references(() => kakaoAccounts.id, { onDelete: "cascade" }),
    conversationId: text("conversation_id").notNull(),
    conversationKey: text("conversation_key").notNull(),
    /** The event that the request is stored as. */
    eventId: text("event_id"),
    /** The request as Kakao sent it, JSON. */
    payload: text("payload").notNull(),
    text: text("text").notNull(),
    userId: text("user_id").notNull(),
    channelId: text("channel_id").notNull(),
    /** SHA-256 of what a repeated request has in common with the first. */
    dedupKey: text("dedup_key").notNull(),
    callbackUrl: text("callback_url"),
    callbackUntil: integer("callback_until"),
    /** Without a callback URL: how long the request itself waits for the answer. */
    heldUntil: integer("held_until"),
    status: text("status").$type<"queued" | "delivered" | "expired">().notNull(),
    deliveredAt: integer("delivered_at"),
    createdAt: integer("created_at").notNull(),
    /**
     * Of its one answer. `sending`: its callback is under way (or its process died there); `answered`: the request that
     * waits may take it; `late`: it goes with the user's next message.
     */
    answerState: text("answer_state").$type<
      "sending" | "answered" | "sent" | "failed" | "late" | "given"
    >(),
    /** The answer, JSON. */
    answer: text("answer"),
  },
  (t) => [
    uniqueIndex("kakao_messages_dedup").on(t.conversationId, t.dedupKey),
    index("kakao_messages_account").on(t.accountId, t.createdAt),
    index("kakao_messages_queued").on(t.accountId, t.createdAt, t.id).where(sql`status = 'queued'`),
    index("kakao_messages_late").on(t.conversationId).where(sql`answer_state = 'late'`),
    index("kakao_messages_age").on(t.createdAt),
  ],
);

/** Calls of Kakao's callback URLs. */
export const kakaoReplies = sqliteTable(
  "kakao_replies",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => kakaoAccounts.id, { onDelete: "cascade" }),
    messageId: text("message_id").notNull(),
    conversationKey: text("conversation_key").notNull(),
    /** JSON. */
    response: text("response").notNull(),
    status: text("status").$type<"pending" | "sent" | "failed">().notNull(),
    errorMessage: text("error_message"),
    createdAt: integer("created_at").notNull(),
    sentAt: integer("sent_at"),
  },
  (t) => [
    index("kakao_replies_account").on(t.accountId, t.createdAt),
    index("kakao_replies_age").on(t.createdAt),
  ],
);
