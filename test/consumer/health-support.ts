import { newId } from "../../src/ids.ts";
import { runJob } from "../../src/jobs/run-job.ts";
import { consumerEnv, fakeQueues } from "./support.ts";

export const MINUTE_MS = 60_000;
const { DB, EVENTS_0 } = consumerEnv;
export const { env, sent } = fakeQueues();
export const health = (more: Partial<ConsumerEnv> = {}) => runJob({ ...env, ...more }, "health");

/** A database that does not answer. */
export const AWAY = {
  prepare: () => {
    throw new Error("away");
  },
} as unknown as D1Database;

/** No event, delivery or alert is there, and every destination is on. */
export async function resetHealth() {
  sent.length = 0;
  await EVENTS_0.batch(
    ["events", "deliveries", "attempts", "watermarks"].map((table) =>
      EVENTS_0.prepare(`DELETE FROM ${table}`),
    ),
  );
  await DB.batch(
    ["alerts", "alert_settings", "health_checks"].map((table) =>
      DB.prepare(`DELETE FROM ${table}`),
    ),
  );
  await DB.prepare("UPDATE destinations SET enabled = 1, disabled_reason = NULL").run();
}

export async function tell(destinationId: string, organizationId = "org_test") {
  await DB.prepare("INSERT OR REPLACE INTO alert_settings VALUES (?, ?)")
    .bind(organizationId, destinationId)
    .run();
}

export async function alerts() {
  const { results } = await DB.prepare(
    'SELECT kind, "check", status, reason, attempt, summary, id FROM alerts ORDER BY id',
  ).all<Record<string, string | number | null>>();
  return results;
}

/** One delivery of a destination with its latest try. */
export async function tried(
  destinationId: string,
  { at = Date.now(), ok = false, status = "retrying", reason = "http_status", attempt = 1 } = {},
): Promise<string> {
  const id = newId("delivery", at, 0);
  await EVENTS_0.prepare(
    `INSERT INTO deliveries (id, event_id, organization_id, source_id, destination_id, status, created_at, attempt,
      started_at, outcome, reason, next_attempt_at) VALUES (?, 'evt_x', 'org_test', 'src_x', ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
    .bind(
      id,
      destinationId,
      ok ? "succeeded" : status,
      at,
      attempt,
      at,
      ok ? "succeeded" : "failed",
      ok ? null : reason,
      !ok && status === "retrying" ? Date.now() + 60 * MINUTE_MS : null,
    )
    .run();
  return id;
}

export async function failFiveTimes(destinationId: string, more: Parameters<typeof tried>[1] = {}) {
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await tried(destinationId, more));
  return ids;
}

export const makeDue = () =>
  DB.prepare("UPDATE alerts SET next_attempt_at = 0 WHERE status = 'pending'").run();

/** Alerts of an organization that are due. */
export async function addAlerts(organizationId: string, count: number) {
  for (let i = 0; i < count; i++) {
    await DB.prepare(
      `INSERT INTO alerts (id, organization_id, "check", kind, summary, link, created_at, status, attempt, next_attempt_at)
       VALUES (?, ?, 'queue', 'failing', 'x', '/', ?, 'pending', 0, ?)`,
    )
      .bind(newId("alert"), organizationId, Date.now(), i)
      .run();
  }
}
