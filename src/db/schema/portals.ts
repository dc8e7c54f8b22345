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

/** Tables of portals, in the control database. Their sessions are in the objects of the browser Worker. Times are ms UTC. */

/** An organization's own definitions; the shipped ones are in the code. */
export const portalDefinitions = sqliteTable(
  "portal_definitions",
  {
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    definition: text("definition", { mode: "json" }).$type<unknown>().notNull(),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.organizationId, t.name] })],
);

/** A web site with one account of it. */
export const portals = sqliteTable(
  "portals",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id),
    name: text("name").notNull(),
    /** Name of a definition: the organization's own, else a shipped one. */
    definition: text("definition").notNull(),
    /** Without a slash at the end. */
    baseUrl: text("base_url").notNull(),
    enabled: integer("enabled", { mode: "boolean" }).notNull(),
    onDeploy: text("on_deploy").$type<"keep" | "logout">().notNull(),
    isDefault: integer("is_default", { mode: "boolean" }).notNull(),
    /** `{username, password, phone, extra}` as JSON, sealed (aad `portal:<id>`); null: none are set. */
    credentials: text("credentials"),
    /** Of the credentials, as it is dialled: names the mailbox without the master key. */
    phone: text("phone"),
    createdAt: integer("created_at").notNull(),
    updatedAt: integer("updated_at").notNull(),
  },
  (t) => [
    index("portals_organization").on(t.organizationId, t.id),
    uniqueIndex("portals_default").on(t.organizationId).where(sql`is_default = 1`),
  ],
);
