import { beforeAll, expect, it } from "vitest";
import type { Context } from "../../src/context.ts";
import { openControl } from "../../src/db/client.ts";
import { readOverview } from "../../src/kakao-dashboard/read-overview.ts";
import { makeChannel } from "./kakao-support.ts";
import { bindings } from "./support.ts";

/*
 * Statements that run again and again read only what they are about, not everything that is kept.
 */

let organizationId: string;
beforeAll(async () => {
  ({ organizationId } = await makeChannel("kakao"));
});

/** How SQLite goes about the statements that match, of those that `run` sends. */
async function plansOf(
  pattern: RegExp,
  run: (db: Context["db"]) => Promise<unknown>,
): Promise<string[]> {
  const seen: { query: string; params: unknown[] }[] = [];
  const real = bindings.DB;
  const watched = {
    prepare: (query: string) => {
      const statement = real.prepare(query);
      const params: unknown[] = [];
      if (pattern.test(query)) seen.push({ query, params });
      return new Proxy(statement, {
        get: (target, name) => {
          if (name !== "bind") return Reflect.get(target, name).bind(target);
          return (...values: unknown[]) => {
            params.push(...values);
            return target.bind(...values);
          };
        },
      });
    },
    batch: (statements: D1PreparedStatement[]) => real.batch(statements),
  } as D1Database;
  await run(openControl(watched));
  expect(seen).not.toEqual([]);
  const plans = seen.map(({ query, params }) =>
    real
      .prepare(`EXPLAIN QUERY PLAN ${query}`)
      .bind(...params)
      .all<{ detail: string }>(),
  );
  return (await Promise.all(plans)).flatMap(({ results }) => results.map(({ detail }) => detail));
}

it("an organization's conversations are counted among its own", async () => {
  const plan = await plansOf(/from "kakao_conversations"/, (db) =>
    readOverview({ db, organizationId, channels: bindings.CHANNEL } as unknown as Context),
  );
  expect(plan.join("\n")).not.toMatch(/SCAN kakao_conversations/);
});
