import { sql } from "drizzle-orm";
import {
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

/** Tables of the control database `DB`. All times are integer milliseconds UTC. */

export const organizations = sqliteTable("organizations", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** The deployment's own organization: the only one that sees strays which belong to nobody. */
  isOperator: integer("is_operator", { mode: "boolean" }).notNull().default(false),
  createdAt: integer("created_at").notNull(),
  /** Origins whose pages may read channels from a browser; null: none but our own. */
  allowedOrigins: text("allowed_origins", { mode: "json" }).$type<string[] | null>(),
});

export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    /** SHA-256, lower-case hex; the key itself is shown once and never stored. */
    hash: text("hash").notNull().unique(),
    /** Last four characters, to tell keys apart. */
    hint: text("hint").notNull(),
    scopes: text("scopes", { mode: "json" }).$type<string[]>().notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [index("api_keys_organization").on(t.organizationId)],
);

export const sources = sqliteTable(
  "sources",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    slug: text("slug").notNull().unique(),
    name: text("name").notNull(),
    /** Event database `EVENTS_<shard>`; chosen once, never moved. */
    shard: integer("shard").notNull(),
    enabled: integer("enabled", { mode: "boolean" }).notNull(),
    /** `{status, headers, body}` of the source's own answer, or null for the default 202. */
    response: text("response", { mode: "json" }).$type<{
      status: number;
      headers: Record<string, string>;
      body: string;
    } | null>(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    /** `{preset, secrets, toleranceSeconds, onFailure, …}` as JSON, sealed (aad `source:<id>`); null: not verified. */
    verification: text("verification"),
    /** `{from, windowSeconds}`; null: nothing is a duplicate. */
    dedup: text("dedup", { mode: "json" }).$type<{ from: string; windowSeconds: number } | null>(),
    /** Days that events are kept; null: the deployment's default. */
    retentionDays: integer("retention_days"),
    /** When `retentionDays` was last changed: the prune job then looks again at what it has passed. */
    retentionChangedAt: integer("retention_changed_at"),
    /** What calls here: how a request is read, and how it is answered. */
    preset: text("preset")
      .$type<"generic" | "phone" | "slack" | "sens_v1" | "kakao" | "chat">()
      .notNull()
      .default("generic"),
    /** Only known senders may send. */
    requireSender: integer("require_sender", { mode: "boolean" }).notNull().default(false),
    /** Until when somebody may be watching its live events; null: nobody ever has. */
    watchedUntil: integer("watched_until"),
  },
  (t) => [index("sources_organization").on(t.organizationId)],
);

export const sourceHostnames = sqliteTable(
  "source_hostnames",
  {
    hostname: text("hostname").primaryKey(),
    sourceId: text("source_id")
      .notNull()
      .references(() => sources.id, { onDelete: "cascade" }),
  },
  (t) => [index("source_hostnames_source").on(t.sourceId)],
);

/** Who calls a source: known by a key, or by address and user agent. */
export const senders = sqliteTable(
  "senders",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    sourceId: text("source_id")
      .notNull()
      .references(() => sources.id, { onDelete: "cascade" }),
    name: text("name").notNull(),
    /** SHA-256 of the key, lower-case hex; of one that the caller brought along, of `<source id>:<key>`. */
    keyHash: text("key_hash").notNull().unique(),
    /** Last four characters of the key, to tell keys apart. */
    keyHint: text("key_hint").notNull(),
    /** `{ips, userAgent}`: known by these too, without a key; null: by its key only. */
    match: text("match", { mode: "json" }).$type<{ ips?: string[]; userAgent?: string } | null>(),
    /** `muted`: stored and not delivered; `blocked`: refused and counted. */
    state: text("state").$type<"active" | "muted" | "blocked">().notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    /** The phone whose SMS it forwards, as it is dialled: login codes among them are for portals with this phone. */
    phone: text("phone"),
  },
  (t) => [index("senders_source").on(t.sourceId)],
);

/** Who else may sign tokens for an organization's channels: an identity provider, known by its public keys. */
export const tokenIssuers = sqliteTable(
  "token_issuers",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    /** The `iss` claim of its tokens. */
    issuer: text("issuer").notNull(),
    /** Where its public keys are (JWK Set). */
    jwksUrl: text("jwks_url").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [uniqueIndex("token_issuers_issuer").on(t.organizationId, t.issuer)],
);

/** What a destination with a daily cap has been asked to send, per day of its cap's time zone (`2026-11-21`). */
export const destinationCounts = sqliteTable(
  "destination_counts",
  {
    destinationId: text("destination_id").notNull(),
    day: text("day").notNull(),
    count: integer("count").notNull(),
  },
  (t) => [primaryKey({ columns: [t.destinationId, t.day] })],
);

/** Slugs and hostnames of deleted sources, kept from reuse so that late callbacks reach nobody else. */
export const reservedNames = sqliteTable(
  "reserved_names",
  {
    /** `slug` or `hostname`. */
    kind: text("kind").notNull(),
    name: text("name").notNull(),
    organizationId: text("organization_id").notNull(),
    until: integer("until").notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.name] })],
);

export const destinations = sqliteTable(
  "destinations",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    kind: text("kind").notNull(),
    /** The whole config as JSON, sealed with AES-256-GCM (aad = the destination's id). */
    config: text("config").notNull(),
    /** Seconds before each try, or null for the kind's default schedule. */
    retrySchedule: text("retry_schedule", { mode: "json" }).$type<number[] | null>(),
    enabled: integer("enabled", { mode: "boolean" }).notNull(),
    /** Why Baton itself disabled it, e.g. `gone`. */
    disabledReason: text("disabled_reason"),
    /** No call before this time: the vendor asked for a pause. */
    pausedUntil: integer("paused_until"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    /** `{perSecond, concurrency}`; null: no limit, and no gate is asked. */
    rate: text("rate", { mode: "json" }).$type<{
      perSecond?: number;
      concurrency?: number;
    } | null>(),
    /** `key`: first in, first out per order key; null or `none`: no order. */
    ordered: text("ordered").$type<"none" | "key" | null>(),
    /** `json:<path>`, `header:<name>` or `sender`. */
    orderKey: text("order_key"),
    /** Circuit breaker as JSON; null: none. */
    breaker: text("breaker", { mode: "json" }).$type<{
      failures: number;
      cooldownSeconds: number;
    } | null>(),
  },
  (t) => [
    index("destinations_organization").on(t.organizationId),
    // Each minute the health job asks which ones Baton has disabled; those that work cost nothing here.
    index("destinations_disabled").on(t.id).where(sql`disabled_reason IS NOT NULL`),
  ],
);

export const rules = sqliteTable(
  "rules",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    sourceId: text("source_id")
      .notNull()
      .references(() => sources.id, { onDelete: "cascade" }),
    destinationId: text("destination_id")
      .notNull()
      .references(() => destinations.id),
    name: text("name").notNull(),
    order: integer("order").notNull(),
    enabled: integer("enabled", { mode: "boolean" }).notNull(),
    stop: integer("stop", { mode: "boolean" }).notNull(),
    match: text("match", { mode: "json" }).$type<unknown>().notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
    /** The chain of steps as JSON; null: the event's body is sent as it is. */
    transform: text("transform", { mode: "json" }).$type<unknown>(),
  },
  (t) => [
    index("rules_organization").on(t.organizationId),
    index("rules_source").on(t.sourceId),
    index("rules_destination").on(t.destinationId),
  ],
);

/** First answers of POSTs that carried an `Idempotency-Key`, kept 24 h. */
export const idempotencyKeys = sqliteTable(
  "idempotency_keys",
  {
    organizationId: text("organization_id").notNull(),
    key: text("key").notNull(),
    /** SHA-256 of method, path and body. */
    requestHash: text("request_hash").notNull(),
    /** The answer's JSON, sealed: it may hold a secret that is shown once. */
    answer: text("answer").notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.organizationId, t.key] }),
    index("idempotency_keys_age").on(t.createdAt),
  ],
);

/** Facts about the deployment, e.g. `master_key_id`. */
export const settings = sqliteTable("settings", {
  name: text("name").primaryKey(),
  value: text("value").notNull(),
});

/** Where an organization's alerts go. A destination that is deleted takes its row along. */
export const alertSettings = sqliteTable("alert_settings", {
  organizationId: text("organization_id")
    .primaryKey()
    .references(() => organizations.id),
  destinationId: text("destination_id")
    .notNull()
    .references(() => destinations.id, { onDelete: "cascade" }),
});

/** What the health job knows: one row a check, written only when its state changes. */
export const healthChecks = sqliteTable("health_checks", {
  /** `queue`, `deliveries`, `events_0`, … or `destination:<id>`. */
  name: text("name").primaryKey(),
  /** Whose destination it is; null for the deployment's own checks. */
  organizationId: text("organization_id"),
  state: text("state").$type<"ok" | "failing" | "disabled">().notNull(),
  /** When it came into this state. */
  since: integer("since").notNull(),
  /** The deliveries that showed it failing: a retry that succeeds later is found through them. */
  evidence: text("evidence", { mode: "json" }).$type<string[]>(),
});

/** Changes that somebody is told of, once each. */
export const alerts = sqliteTable(
  "alerts",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    /** Name of the check. */
    check: text("check").notNull(),
    kind: text("kind").$type<"failing" | "disabled" | "recovered">().notNull(),
    /** What happened, in one line without secrets. */
    summary: text("summary").notNull(),
    /** Path and fragment on the app host where more is to be seen. */
    link: text("link").notNull(),
    createdAt: integer("created_at").notNull(),
    status: text("status").$type<"pending" | "sent" | "failed" | "unsent">().notNull(),
    /** How often it was tried. */
    attempt: integer("attempt").notNull().default(0),
    nextAttemptAt: integer("next_attempt_at"),
    /** Where it was sent last. */
    destinationId: text("destination_id"),
    /** Why the last try failed, or why none was made. */
    reason: text("reason"),
    sentAt: integer("sent_at"),
  },
  (t) => [
    index("alerts_organization").on(t.organizationId, t.id),
    index("alerts_due").on(t.nextAttemptAt).where(sql`status = 'pending'`),
  ],
);
