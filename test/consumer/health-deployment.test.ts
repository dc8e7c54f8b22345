import { beforeEach, describe, expect, it } from "vitest";
import { runCron } from "../../src/jobs/run-job.ts";
import { AWAY, alerts, env, health, MINUTE_MS, resetHealth, tried } from "./health-support.ts";
import { consume, consumerEnv, makeDestination, makeEvent, makeSource } from "./support.ts";

const { DB, EVENTS_0 } = consumerEnv;

beforeEach(resetHealth);

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
    expect(await health({ EVENTS_0: AWAY })).toMatchObject({ failing: 1 });
    expect(await alerts()).toMatchObject([{ kind: "failing", check: "events_0" }]);
    await health();
    expect(await alerts()).toHaveLength(2);
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
