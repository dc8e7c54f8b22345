import { openControl, openEvents } from "../../src/db/client.ts";
import { firstIdAt, newId } from "../../src/ids.ts";
import { runJob } from "../../src/jobs/run-job.ts";
import { consumerEnv, fakeQueues, makeEvent } from "./support.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const { EVENTS_0, DB, BODIES } = consumerEnv;
export const daysAgo = (days: number) => Date.now() - days * DAY_MS;
export const prune = () => runJob(fakeQueues().env, "prune");
const db = openEvents(EVENTS_0);
export const deps = { db: openControl(DB), shards: [db], bodies: BODIES };
/** The only event database. */
export const shard = db;

/** Nothing is stored, and no source says how long it keeps its events. */
export async function forgetAll() {
  await EVENTS_0.batch(
    ["events", "deliveries", "attempts", "watermarks", "postponed_events"].map((table) =>
      EVENTS_0.prepare(`DELETE FROM ${table}`),
    ),
  );
  await DB.prepare("UPDATE sources SET retention_days = NULL, retention_changed_at = NULL").run();
  await DB.prepare("DELETE FROM settings WHERE name = 'retention_changed_at'").run();
  await BODIES.delete((await BODIES.list()).objects.map(({ key }) => key));
}

export async function retain(sourceId: string, days: number | null) {
  await DB.prepare("UPDATE sources SET retention_days = ?, retention_changed_at = ? WHERE id = ?")
    .bind(days, Date.now(), sourceId)
    .run();
}

/** An event that has been routed, with one delivery in a status and one earlier attempt. */
export async function keep(
  sourceId: string,
  at: number,
  { status = "succeeded", r2 = false }: { status?: string; r2?: boolean } = {},
): Promise<{ eventId: string; deliveryId: string; key: string }> {
  const { eventId } = await makeEvent(sourceId, { at });
  const key = `${new Date(at).toISOString().slice(0, 10)}/${sourceId}/${crypto.randomUUID()}`;
  if (r2) await BODIES.put(key, "large");
  const deliveryId = newId("delivery", at, 0);
  await EVENTS_0.batch([
    EVENTS_0.prepare(
      "UPDATE events SET status = 'routed', routed_at = ?, body_key = ? WHERE id = ?",
    ).bind(at, r2 ? key : null, eventId),
    EVENTS_0.prepare(
      `INSERT INTO deliveries (id, event_id, organization_id, source_id, destination_id, status, created_at, attempt)
       VALUES (?, ?, 'org_test', ?, 'dst_x', ?, ?, 2)`,
    ).bind(deliveryId, eventId, sourceId, status, at),
    EVENTS_0.prepare(
      "INSERT INTO attempts (delivery_id, number, id, started_at, outcome) VALUES (?, 1, 'att_x', ?, 'failed')",
    ).bind(deliveryId, at),
  ]);
  return { eventId, deliveryId, key };
}

export async function count(table: string): Promise<number> {
  const row = await EVENTS_0.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>();
  return row?.n ?? 0;
}

export async function end(deliveryId: string) {
  await EVENTS_0.prepare("UPDATE deliveries SET status = 'failed' WHERE id = ?")
    .bind(deliveryId)
    .run();
}

/** Routed events of a source, one a second from a time on. */
export async function fill(sourceId: string, from: number, count: number) {
  const prefix = firstIdAt("event", from).slice(0, -10);
  await EVENTS_0.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO events (id, organization_id, source_id, sender_name, received_at, hops, status, routed_at, method, host,
       path, query, headers, size, sha256)
     SELECT ? || printf('%010d', i), 'org_test', ?, 'x', ?, 0, 'routed', 1, 'GET', 'h', '/', '', '[]', 0, '' FROM n`,
  )
    .bind(prefix, sourceId, from)
    .run();
}
