import { and, gte, inArray, lt, sql } from "drizzle-orm";
import { type Deps, shard } from "../context.ts";
import { events } from "../db/schema/events.ts";
import { firstIdAt } from "../ids.ts";
import { BODY_DAY_SLACK_MS, DAY_MS, LISTED_BODIES, MAX_BODY_LISTINGS } from "./constants.ts";
import { loadRetentionPlan } from "./plan-passes.ts";
import { markStatement, readMarks } from "./watermarks.ts";

const MARK = "prune_bodies";

/** `<yyyy-mm-dd>/<source id>/<uuid>`, as the edge makes them; other objects are not ours to delete. */
const BODY_KEY = /^(\d{4}-\d{2}-\d{2})\/src_[0-9a-z]{26}\/[0-9a-f-]{36}$/;

/**
 * Deletes bodies that no event has and that are older than every retention: a process died between the upload and the
 * event's row, or between the row's deletion and the body's. The bucket lists by key, so by day, oldest first; a
 * watermark carries the round on from run to run.
 */
export async function pruneBodies(
  deps: Pick<Deps, "db" | "shards" | "bodies">,
): Promise<{ orphanBodies: number }> {
  const db = shard(deps, 0);
  const { longestDays } = await loadRetentionPlan(deps);
  const limit = new Date(Date.now() - (longestDays + 1) * DAY_MS).toISOString().slice(0, 10);
  const start = (await readMarks(db, [MARK])).get(MARK) ?? "";
  let from = start;
  let orphanBodies = 0;
  for (let i = 0; i < MAX_BODY_LISTINGS; i++) {
    const page = await deps.bodies.list({
      limit: LISTED_BODIES,
      ...(from && { startAfter: from }),
    });
    const keys = page.objects.map(({ key }) => key);
    const old = keys.filter((key) => (BODY_KEY.exec(key)?.[1] ?? limit) < limit);
    const orphans = await withoutEvent(deps, old);
    if (orphans.length > 0) await deps.bodies.delete(orphans);
    orphanBodies += orphans.length;
    // Days sort before the keys of everything else that may come into the bucket.
    const isRoundOver = !page.truncated || keys.some((key) => key >= limit);
    from = isRoundOver ? "" : (keys.at(-1) ?? "");
    if (isRoundOver) break;
  }
  if (from !== start) await markStatement(db, MARK, from);
  return { orphanBodies };
}

/**
 * The keys that no event has; they are sorted, so by day. Few events of their days are left, so a range of ids is soon
 * read, one statement a database.
 */
async function withoutEvent({ shards }: Pick<Deps, "shards">, keys: string[]): Promise<string[]> {
  const [first, last] = [keys[0], keys.at(-1)];
  if (first === undefined || last === undefined) return [];
  const startOf = (key: string) => Date.parse(key.slice(0, 10));
  const owned = await Promise.all(
    shards.map((db) =>
      db
        .select({ key: events.bodyKey })
        .from(events)
        .where(
          and(
            gte(events.id, firstIdAt("event", startOf(first))),
            lt(events.id, firstIdAt("event", startOf(last) + DAY_MS + BODY_DAY_SLACK_MS)),
            inArray(events.bodyKey, sql`(SELECT value FROM json_each(${JSON.stringify(keys)}))`),
          ),
        ),
    ),
  );
  const held = new Set(owned.flat().map(({ key }) => key));
  return keys.filter((key) => !held.has(key));
}
