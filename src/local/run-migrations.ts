/**
 * A process of its own, because the local runtime belongs to wrangler's code: opens the session's databases once,
 * applies what is missing to each, and seeds the demo. `wrangler d1 migrations apply` would start it per database.
 */
import { readFileSync } from "node:fs";
import { getPlatformProxy } from "wrangler";
import type { WranglerConfig } from "./derive-configs.ts";
import { messagesIn } from "./messages.ts";
import { applyMigrations } from "./migrate.ts";
import { loadSecrets } from "./secrets.ts";
import { type LocalDatabase, seedDemo } from "./seed-demo.ts";

const [configPath = "", state = ""] = process.argv.slice(2);
const config = JSON.parse(readFileSync(configPath, "utf8")) as WranglerConfig;
const proxy = await getPlatformProxy<Record<string, LocalDatabase>>({
  configPath,
  persist: { path: `${state}/v3` },
  remoteBindings: false,
});
try {
  for (const { binding, migrations_dir } of config.d1_databases ?? []) {
    await applyMigrations(database(binding), migrations_dir);
  }
  await seedDemo(database("DB"), loadSecrets(state, messagesIn("en")));
} finally {
  await proxy.dispose();
}

function database(binding: string): LocalDatabase {
  const found = proxy.env[binding];
  if (!found) throw new Error(`the edge Worker's config has no database ${binding}`);
  return found;
}
