import { expect, it } from "vitest";
import { openControl } from "../../src/db/client.ts";
import { disabledDestinations, namedDestinations } from "../../src/health/check-destinations.ts";
import { firstIdAt } from "../../src/ids.ts";
import { consumerEnv } from "./support.ts";

const { DB, EVENTS_0 } = consumerEnv;

it("reads retries by their index, and fresh deliveries by key", async () => {
  const { results } = await EVENTS_0.prepare(
    `EXPLAIN QUERY PLAN SELECT * FROM (SELECT id FROM deliveries WHERE id >= '${firstIdAt("delivery", Date.now())}'
       ORDER BY id DESC LIMIT 5000)
     UNION SELECT * FROM (SELECT id FROM deliveries WHERE status IN ('pending', 'retrying') ORDER BY next_attempt_at LIMIT 5000)`,
  ).all<{ detail: string }>();
  const plan = results.map(({ detail }) => detail).join("\n");
  expect(plan).toMatch(/SEARCH deliveries USING (PRIMARY KEY|INDEX sqlite_autoindex\w+)/);
  expect(plan).toContain("deliveries_due");
});

it("asks for destinations by id, and for disabled ones by the index that has no other", async () => {
  const db = openControl(DB);
  const planOf = async ({ sql, params }: { sql: string; params: unknown[] }) => {
    const { results } = await DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...params)
      .all<{ detail: string }>();
    return results.map(({ detail }) => detail).join("\n");
  };
  expect(await planOf(namedDestinations(db, ["dst_x"]).toSQL())).toMatch(
    /SEARCH destinations USING/,
  );
  expect(await planOf(disabledDestinations(db).toSQL())).toContain("destinations_disabled");
});
