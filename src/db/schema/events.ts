import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { bytes } from "../bytes.ts";

/**
 * Tables of one event database `EVENTS_<n>`. All are `WITHOUT ROWID` (written by hand in the migration:
 * drizzle cannot say it), keyed by a time-ordered id: one row written per insert.
 * All times are integer milliseconds UTC.
 */

export const events = sqliteTable("events", {
  // What lists filter by stands before headers and body: behind a large body a column is read through all its pages.
  id: text("id").primaryKey(),
  organizationId: text("organization_id").notNull(),
  sourceId: text("source_id").notNull(),
  /** `snd_…` when the sender is known by its key, else null. */
  senderId: text("sender_id"),
  senderName: text("sender_name").notNull(),
  receivedAt: integer("received_at").notNull(),
  /** How many Baton hosts the request had passed before this one. */
  hops: integer("hops").notNull(),
  status: text("status").$type<EventStatus>().notNull(),
  routedAt: integer("routed_at"),
  method: text("method").notNull(),
  host: text("host").notNull(),
  path: text("path").notNull(),
  /** The raw query without `?`; empty when there is none. */
  query: text("query").notNull(),
  /** `[[name, value], …]` as captured. */
  headers: text("headers", { mode: "json" }).$type<[string, string][]>().notNull(),
  contentType: text("content_type"),
  /** Body length in bytes. */
  size: integer("size").notNull(),
  /** SHA-256 of the body, lower-case hex. */
  sha256: text("sha256").notNull(),
  /** The body up to 256 KiB; null when empty or in R2. */
  body: bytes("body"),
  /** Key of the body in R2; null when it is here or empty. */
  bodyKey: text("body_key"),
  ip: text("ip"),
  /** TLS and geo facts of the connection, as the platform tells them. */
  network: text("network", { mode: "json" }).$type<Record<string, string | number>>(),
  /** How the sender is known; null: it is not, and its name is its user agent and address. */
  senderBy: text("sender_by").$type<SenderBy>(),
});

/** `muted`: its sender is muted, so it is kept and not handed on. `rejected`: it failed verification. */
export type EventStatus = "stored" | "routed" | "unmatched" | "rejected" | "muted";
/** By its key, by the address or user agent it is registered with, or by a provider's signature. */
export type SenderBy = "key" | "match" | "signature";

export const deliveries = sqliteTable(
  "deliveries",
  {
    id: text("id").primaryKey(),
    eventId: text("event_id").notNull(),
    organizationId: text("organization_id").notNull(),
    sourceId: text("source_id").notNull(),
    /** Null for a replay to a destination that no rule chose. */
    ruleId: text("rule_id"),
    destinationId: text("destination_id").notNull(),
    status: text("status")
      .$type<"pending" | "delivering" | "succeeded" | "retrying" | "failed" | "cancelled">()
      .notNull(),
    /** Why it ended other than by success, e.g. `destination_disabled`. */
    endReason: text("end_reason"),
    createdAt: integer("created_at").notNull(),
    nextAttemptAt: integer("next_attempt_at"),
    leaseId: text("lease_id"),
    leaseUntil: integer("lease_until"),
    /** 1 when the lease was taken after birth: only those need an index to be found when they expire. */
    late: integer("late").notNull().default(0),
    /** Tries that do not count against the schedule (a vendor's 429, an interrupted try). */
    uncounted: integer("uncounted").notNull().default(0),
    /** A replay's changes to the event. */
    editHeaders: text("edit_headers", { mode: "json" }).$type<Record<string, string>>(),
    editBody: bytes("edit_body"),
    /** Number of the latest attempt; 0 before the first. The columns below describe it. */
    attempt: integer("attempt").notNull(),
    attemptId: text("attempt_id"),
    startedAt: integer("started_at"),
    durationMs: integer("duration_ms"),
    outcome: text("outcome").$type<"succeeded" | "failed" | "interrupted">(),
    reason: text("reason"),
    /** `{method, url, headers}`, or `{detail}` when there was no call. */
    request: text("request", { mode: "json" }).$type<StoredRequest | NoRequest>(),
    /** What was sent when it is not the event's own body. */
    requestBody: bytes("request_body"),
    /** `{status, headers, truncated}`. */
    response: text("response", { mode: "json" }).$type<StoredResponse>(),
    responseBody: bytes("response_body"),
    /** What the destination has taken on so far, and what has become of it since; as the kind itself writes it. */
    receipt: text("receipt", { mode: "json" }).$type<unknown>(),
    /** When the service is asked what became of it; null: never, or it has been told. */
    receiptDueAt: integer("receipt_due_at"),
  },
  (t) => [
    index("deliveries_event").on(t.eventId),
    index("deliveries_due").on(t.nextAttemptAt).where(sql`status IN ('pending', 'retrying')`),
    index("deliveries_late_leases").on(t.leaseUntil).where(sql`status = 'delivering' AND late = 1`),
    // A delivery pays for it only when it fails for good.
    index("deliveries_failed").on(t.organizationId, t.id).where(sql`status = 'failed'`),
    index("deliveries_receipts").on(t.receiptDueAt).where(sql`receipt_due_at IS NOT NULL`),
  ],
);

/** Why a try made no call, in a line that holds no secret. */
export type NoRequest = { detail: string };
export type StoredRequest = {
  method: string;
  url: string;
  headers: [string, string][];
  /** What a listener says of a call without an answer. */
  detail?: string;
};
export type StoredResponse = { status: number; headers: [string, string][]; truncated: boolean };

/** Earlier attempts: the latest one stands in its delivery's row and moves here when the next one starts. */
export const attempts = sqliteTable(
  "attempts",
  {
    deliveryId: text("delivery_id").notNull(),
    number: integer("number").notNull(),
    id: text("id").notNull(),
    startedAt: integer("started_at").notNull(),
    durationMs: integer("duration_ms"),
    outcome: text("outcome").$type<"succeeded" | "failed" | "interrupted">().notNull(),
    reason: text("reason"),
    request: text("request", { mode: "json" }).$type<StoredRequest | NoRequest>(),
    requestBody: bytes("request_body"),
    response: text("response", { mode: "json" }).$type<StoredResponse>(),
    responseBody: bytes("response_body"),
  },
  (t) => [primaryKey({ columns: [t.deliveryId, t.number] })],
);

/** Keys of requests that were seen: a second one within the window is a duplicate. */
export const dedupKeys = sqliteTable(
  "dedup_keys",
  {
    sourceId: text("source_id").notNull(),
    /** SHA-256, lower-case hex, of what the source's `dedup.from` names. */
    key: text("key").notNull(),
    eventId: text("event_id").notNull(),
    expiresAt: integer("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.key] })],
);

/** Requests of blocked senders that were refused, per UTC day. */
export const senderRefusals = sqliteTable(
  "sender_refusals",
  {
    sourceId: text("source_id").notNull(),
    senderId: text("sender_id").notNull(),
    day: text("day").notNull(),
    count: integer("count").notNull(),
    lastAt: integer("last_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.sourceId, t.senderId, t.day] })],
);

/** Requests that matched no source. */
export const strays = sqliteTable("strays", {
  id: text("id").primaryKey(),
  /** Set when the name belongs or belonged to an organization (a disabled or deleted source). */
  organizationId: text("organization_id"),
  host: text("host").notNull(),
  method: text("method").notNull(),
  path: text("path").notNull(),
  query: text("query").notNull(),
  headers: text("headers", { mode: "json" }).$type<[string, string][]>().notNull(),
  size: integer("size").notNull(),
  body: bytes("body"),
  ip: text("ip"),
  reason: text("reason").notNull(),
  receivedAt: integer("received_at").notNull(),
});

/** Strays seen per host and UTC day (`2026-11-21`); host `*` counts the whole deployment. */
export const strayCounts = sqliteTable(
  "stray_counts",
  {
    day: text("day").notNull(),
    host: text("host").notNull(),
    count: integer("count").notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.host] })],
);

/** How far a sweep has looked: everything before `value` (an id) is known to be finished or indexed. */
export const watermarks = sqliteTable("watermarks", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});

/** Events past their retention that wait for the end of a delivery; the prune job's watermark has passed them. */
export const postponedEvents = sqliteTable("postponed_events", {
  eventId: text("event_id").primaryKey(),
});

/** Queue messages that are no task, or that a queue has given up; kept so that somebody can see what was sent. */
export const malformedTasks = sqliteTable("malformed_tasks", {
  messageId: text("message_id").primaryKey(),
  queue: text("queue").notNull(),
  body: text("body").notNull(),
  reason: text("reason").notNull(),
  receivedAt: integer("received_at").notNull(),
});
