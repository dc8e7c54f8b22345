import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { env } from "cloudflare:workers";

const bindings = env as unknown as Partial<Record<"DB" | "EVENTS_0", D1Database>> & {
  CONTROL_MIGRATIONS: D1Migration[];
  EVENTS_MIGRATIONS: D1Migration[];
};

if (bindings.DB) await applyD1Migrations(bindings.DB, bindings.CONTROL_MIGRATIONS);
if (bindings.EVENTS_0) await applyD1Migrations(bindings.EVENTS_0, bindings.EVENTS_MIGRATIONS);
