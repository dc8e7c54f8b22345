import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Tables of the control database `DB`. All times are integer milliseconds UTC. */

export const organizations = sqliteTable("organizations", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  /** The deployment's own organization: the only one that sees strays which belong to nobody. */
  isOperator: integer("is_operator", { mode: "boolean" }).notNull().default(false),
  createdAt: integer("created_at").notNull(),
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
  },
  (t) => [index("destinations_organization").on(t.organizationId)],
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
