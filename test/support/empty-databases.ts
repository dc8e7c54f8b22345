import { type D1Migration, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { vi } from "vitest";

const { DB, EVENTS_0, CONTROL_MIGRATIONS, EVENTS_MIGRATIONS } = env as unknown as {
  DB?: D1Database;
  EVENTS_0?: D1Database;
  CONTROL_MIGRATIONS: D1Migration[];
  EVENTS_MIGRATIONS: D1Migration[];
};

const databases = [
  { db: DB, migrations: CONTROL_MIGRATIONS },
  { db: EVENTS_0, migrations: EVENTS_MIGRATIONS },
];

// What the file before has left in databases, buckets, queues, objects, and of its clock.
vi.useRealTimers();
// Somebody who still uses a database can keep it from being deleted.
do await reset();
while (!(await areEmpty()));
for (const { db, migrations } of databases) {
  await db?.batch(migrations.flatMap(({ queries }) => queries.map((query) => db.prepare(query))));
}

async function areEmpty(): Promise<boolean> {
  const countTables = "SELECT count(*) AS n FROM sqlite_master WHERE name NOT GLOB '_cf_*'";
  const counts = databases.map(({ db }) => db?.prepare(countTables).first<number>("n") ?? 0);
  return (await Promise.all(counts)).every((count) => count === 0);
}
