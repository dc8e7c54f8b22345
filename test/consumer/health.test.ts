import { beforeEach, describe, expect, it } from "vitest";
import { firstIdAt, newId } from "../../src/ids.ts";
import { runCron, runJob } from "../../src/jobs/run-job.ts";
import {
  consume,
  consumerEnv,
  fakeQueues,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

const MINUTE_MS = 60_000;
const { DB, EVENTS_0 } = consumerEnv;
const { env, sent } = fakeQueues();
const health = (more: Partial<ConsumerEnv> = {}) => runJob({ ...env, ...more }, "health");

beforeEach(async () => {
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
});

async function tell(destinationId: string) {
  await DB.prepare("INSERT OR REPLACE INTO alert_settings VALUES ('org_test', ?)")
    .bind(destinationId)
    .run();
}

async function alerts() {
  const { results } = await DB.prepare(
    'SELECT kind, "check", status, reason, attempt, summary, id FROM alerts ORDER BY id',
  ).all<Record<string, string | number | null>>();
  return results;
}

/** One delivery of a destination with its latest try. */
async function tried(
  destinationId: string,
  { at = Date.now(), ok = false, status = "retrying", reason = "http_status" } = {},
): Promise<string> {
  const id = newId("delivery", at, 0);
  await EVENTS_0.prepare(
    `INSERT INTO deliveries (id, event_id, organization_id, source_id, destination_id, status, created_at, attempt,
      started_at, outcome, reason, next_attempt_at) VALUES (?, 'evt_x', 'org_test', 'src_x', ?, ?, ?, 1, ?, ?, ?, ?)`,
  )
    .bind(
      id,
      destinationId,
      ok ? "succeeded" : status,
      at,
      at,
      ok ? "succeeded" : "failed",
      ok ? null : reason,
      !ok && status === "retrying" ? Date.now() + 60 * MINUTE_MS : null,
    )
    .run();
  return id;
}

async function failFiveTimes(destinationId: string, more: Parameters<typeof tried>[1] = {}) {
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) ids.push(await tried(destinationId, more));
  return ids;
}

describe("a destination that only fails", () => {
  it("alerts once, by the chosen destination, with a link and no secret; and once when it works again", async () => {
    const bell = await makeDestination();
    await tell(bell.id);
    const broken = await makeDestination("status/500", {
      config: { headers: { authorization: "Bearer hush" } },
    });
    await failFiveTimes(broken.id);
    expect(await health()).toMatchObject({ failing: 1, changed: 4, alertsSent: 1 });
    expect(await health()).toMatchObject({ failing: 1, changed: 0, alertsSent: 0 });
    const [alarm, ...more] = await received(bell.key);
    expect(more).toEqual([]);
    const told = JSON.parse(alarm?.body ?? "") as Record<string, string>;
    expect(told).toEqual({
      type: "baton.alert",
      id: expect.stringMatching(/^alt_/),
      kind: "failing",
      check: `destination:${broken.id}`,
      summary: `Destination "Receiver" (${broken.id}) only fails: its last 5 tries, the latest with \`http_status\`.`,
      link: "http://localhost:8787/dashboard#evt_x",
      at: expect.stringMatching(/Z$/),
    });
    const header = (name: string) =>
      alarm?.headers.find(([key]) => key.toLowerCase() === name)?.[1];
    expect(header("webhook-id")).toBe(told.id);
    expect(JSON.stringify([alarm, await alerts()])).not.toMatch(/hush|authorization|status\/500/);

    await tried(broken.id, { ok: true, at: Date.now() + 1 });
    expect(await health()).toMatchObject({ failing: 0, changed: 1, alertsSent: 1 });
    expect(await alerts()).toMatchObject([
      { kind: "failing", status: "sent", attempt: 1 },
      { kind: "recovered", status: "sent", check: `destination:${broken.id}` },
    ]);
    expect(await health()).toMatchObject({ changed: 0, alertsSent: 0 });
  });

  it.each([
    ["four failures", 4, {}],
    ["five that are the event's own fault", 5, { reason: "unsendable_request", status: "failed" }],
    [
      "five that ended more than an hour ago",
      5,
      { status: "failed", at: Date.now() - 61 * MINUTE_MS },
    ],
  ])("%s are none", async (_, count, more) => {
    const { id } = await makeDestination();
    for (let i = 0; i < count; i++) await tried(id, more);
    await health();
    expect(await alerts()).toEqual([]);
  });

  it("a success among the latest five is none", async () => {
    const { id } = await makeDestination();
    const at = Date.now() - MINUTE_MS;
    for (let i = 0; i < 8; i++) await tried(id, { at: at + i, ok: i === 4 });
    await health();
    expect(await alerts()).toEqual([]);
  });

  it("is known by retries however old, and by a late success of one of them", async () => {
    const { id } = await makeDestination();
    const old = await failFiveTimes(id, { at: Date.now() - 600 * MINUTE_MS });
    expect(await health()).toMatchObject({ failing: 1 });
    await EVENTS_0.prepare(
      "UPDATE deliveries SET status = 'succeeded', outcome = 'succeeded', started_at = ?, next_attempt_at = NULL WHERE id = ?",
    )
      .bind(Date.now(), old[2])
      .run();
    expect(await health()).toMatchObject({ failing: 0 });
    expect((await alerts()).map(({ kind }) => kind)).toEqual(["failing", "recovered"]);
  });

  it("silence is no recovery, and a deleted destination no news", async () => {
    const { id } = await makeDestination();
    await failFiveTimes(id);
    await health();
    await EVENTS_0.prepare("DELETE FROM deliveries").run();
    expect(await health()).toMatchObject({ failing: 1, changed: 0 });
    await DB.prepare("DELETE FROM destinations WHERE id = ?").bind(id).run();
    expect(await health()).toMatchObject({ failing: 0, changed: 0 });
    const left = await DB.prepare(
      "SELECT name FROM health_checks WHERE organization_id IS NOT NULL",
    ).all();
    expect([(await alerts()).length, left.results]).toEqual([1, []]);
  });
});

it("a destination that 410 has disabled alerts, and again when it is enabled", async () => {
  const bell = await makeDestination();
  await tell(bell.id);
  const gone = await makeDestination("status/410");
  const source = await makeSource();
  await makeRule(source, gone.id);
  await consume(env, "events", [await makeEvent(source)]);
  expect(await health()).toMatchObject({ disabled: 1, alertsSent: 1 });
  expect(await health()).toMatchObject({ disabled: 1, alertsSent: 0 });
  expect((await received(bell.key))[0]?.body).toContain("was disabled: `gone`");
  await DB.prepare("UPDATE destinations SET enabled = 1, disabled_reason = NULL WHERE id = ?")
    .bind(gone.id)
    .run();
  await health();
  expect((await alerts()).map(({ kind }) => kind)).toEqual(["disabled", "recovered"]);
});

describe("the deployment's own checks", () => {
  it("an event without its rules for more than 5 min alerts the operator; under 1 min it is over", async () => {
    const source = await makeSource();
    const { eventId } = await makeEvent(source, { at: Date.now() - 4 * MINUTE_MS });
    await health();
    expect(await alerts()).toEqual([]);
    const old = await makeEvent(source, { at: Date.now() - 6 * MINUTE_MS });
    await health();
    expect(await alerts()).toMatchObject([{ kind: "failing", check: "queue", status: "unsent" }]);
    await consume(env, "events", [old]);
    expect(await health()).toMatchObject({ failing: 1, changed: 0 });
    await consume(env, "events", [{ eventId, sourceId: source }]);
    await health();
    expect((await alerts()).map(({ kind }) => kind)).toEqual(["failing", "recovered"]);
  });

  it("deliveries past their time", async () => {
    const { id } = await makeDestination();
    await tried(id);
    await EVENTS_0.prepare("UPDATE deliveries SET next_attempt_at = ?")
      .bind(Date.now() - 6 * MINUTE_MS)
      .run();
    await health();
    expect(await alerts()).toMatchObject([{ kind: "failing", check: "deliveries" }]);
  });

  it("an event database that does not answer; the others are still asked", async () => {
    const away = {
      prepare: () => {
        throw new Error("away");
      },
    } as unknown as D1Database;
    expect(await health({ EVENTS_0: away })).toMatchObject({ failing: 1 });
    expect(await alerts()).toMatchObject([{ kind: "failing", check: "events_0" }]);
    await health();
    expect(await alerts()).toHaveLength(2);
  });
});

describe("an alert that did not arrive", () => {
  async function alarm(behaviour: string) {
    const bell = await makeDestination(behaviour);
    await tell(bell.id);
    const broken = await makeDestination();
    await failFiveTimes(broken.id);
    await health();
    return bell;
  }
  const makeDue = () =>
    DB.prepare("UPDATE alerts SET next_attempt_at = 0 WHERE status = 'pending'").run();

  it("comes again until it does, with one webhook-id", async () => {
    const bell = await alarm("status/503");
    expect(await alerts()).toMatchObject([
      { status: "pending", reason: "http_status", attempt: 1 },
    ]);
    expect(await health()).toMatchObject({ alertsSent: 0 });
    await makeDue();
    await health();
    const ids = (await received(bell.key)).map(
      ({ headers }) => headers.find(([name]) => name.toLowerCase() === "webhook-id")?.[1],
    );
    const [alert] = await alerts();
    expect(ids).toEqual([alert?.id, alert?.id]);
    await tell((await makeDestination()).id);
    await makeDue();
    expect(await health()).toMatchObject({ alertsSent: 1 });
    expect(await alerts()).toMatchObject([{ status: "sent", attempt: 3, reason: null }]);
  });

  it("ends after a day", async () => {
    await alarm("status/503");
    await DB.prepare("UPDATE alerts SET created_at = 0, next_attempt_at = 0").run();
    await health();
    expect(await alerts()).toMatchObject([{ status: "failed", attempt: 2 }]);
  });

  it("two runs at once make one alert and one call", async () => {
    const bell = await makeDestination();
    await tell(bell.id);
    await failFiveTimes((await makeDestination()).id);
    await Promise.all([health(), health(), health()]);
    expect([(await alerts()).length, (await received(bell.key)).length]).toEqual([1, 1]);
  });
});

it("a run without news writes one row: its time", async () => {
  await health();
  const before = await DB.prepare(
    "SELECT value FROM settings WHERE name = 'health_job_at'",
  ).first();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await runCron(env, "* * * * *");
  const after = await DB.prepare("SELECT value FROM settings WHERE name = 'health_job_at'").first();
  expect(Number(after?.value)).toBeGreaterThan(Number(before?.value));
  const { results } = await DB.prepare("SELECT name, state FROM health_checks ORDER BY name").all();
  expect(results).toEqual(
    ["deliveries", "events_0", "queue"].map((name) => ({ name, state: "ok" })),
  );
});

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
