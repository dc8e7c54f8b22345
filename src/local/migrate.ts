import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unstable_splitSqlQuery as splitSql } from "wrangler";
import { migrationNames } from "./migration-names.ts";
import type { LocalDatabase } from "./seed-demo.ts";

/** The table that `wrangler d1 migrations` keeps: both may be used on the same database. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** Applies the migrations of a folder that a database has not had yet, each one whole or not at all. */
export async function applyMigrations(database: LocalDatabase, folder: string): Promise<void> {
  await database.prepare(CREATE_TABLE).run();
  const { results } = await database
    .prepare("SELECT name FROM d1_migrations")
    .all<{ name: string }>();
  const applied = new Set(results.map((row) => row.name));
  for (const name of migrationNames(folder)) {
    if (applied.has(name)) continue;
    const statements = splitSql(readFileSync(join(folder, name), "utf8"));
    await database.batch([
      ...statements.map((statement) => database.prepare(statement)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name),
    ]);
  }
}
