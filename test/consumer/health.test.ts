import { beforeEach, describe, expect, it } from "vitest";
import {
  alerts,
  env,
  failFiveTimes,
  health,
  MINUTE_MS,
  resetHealth,
  tell,
  tried,
} from "./health-support.ts";
import {
  consume,
  consumerEnv,
  makeDestination,
  makeEvent,
  makeRule,
  makeSource,
  received,
} from "./support.ts";

const { DB, EVENTS_0 } = consumerEnv;

beforeEach(resetHealth);

describe("a destination that only fails", () => {
  it("alerts once, by the chosen destination, with a link and no secret; and once when it works again", async () => {
    const bell = await makeDestination();
    await tell(bell.id);
    const broken = await makeDestination("status/500", {
      config: { headers: { authorization: "Bearer hush" } },
    });
    await failFiveTimes(broken.id, { at: Date.now() - 11 * MINUTE_MS });
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

  it("alerts by tries: one delivery that has failed nine times is enough", async () => {
    const { id } = await makeDestination();
    await tried(id, { attempt: 9 });
    expect(await health()).toMatchObject({ failing: 1 });
    expect(await alerts()).toMatchObject([
      { summary: expect.stringContaining("its last 9 tries") as string },
    ]);
  });

  it("works again when it stays so: a single success between failures is no recovery", async () => {
    const { id } = await makeDestination();
    const at = Date.now() - 5 * MINUTE_MS;
    await failFiveTimes(id, { at });
    await health();
    for (let i = 1; i < 5; i++) await tried(id, { ok: true, at: at + i });
    expect(await health()).toMatchObject({ failing: 1, changed: 0 });
    await tried(id, { ok: true, at: at + 5 });
    expect(await health()).toMatchObject({ failing: 0, changed: 1 });
  });

  it("nothing stays of a deleted destination, also of one that was well again", async () => {
    const { id } = await makeDestination();
    await failFiveTimes(id, { at: Date.now() - 11 * MINUTE_MS });
    await health();
    await tried(id, { ok: true });
    await health();
    const rows = async () =>
      (await DB.prepare("SELECT state FROM health_checks WHERE name LIKE 'destination:%'").all())
        .results;
    expect(await rows()).toEqual([{ state: "ok" }]);
    await DB.prepare("DELETE FROM destinations WHERE id = ?").bind(id).run();
    await health();
    expect(await rows()).toEqual([]);
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

it("a destination that is enabled and disabled again between two runs alerts again; a new name does not", async () => {
  const gone = await makeDestination("status/410");
  const source = await makeSource();
  await makeRule(source, gone.id);
  await consume(env, "events", [await makeEvent(source)]);
  await health();
  const change = (what: string) =>
    DB.prepare(`UPDATE destinations SET ${what}, updated_at = ? WHERE id = ?`)
      .bind(Date.now(), gone.id)
      .run();
  const later = () => new Promise((resolve) => setTimeout(resolve, 5));
  await later();
  await change("name = 'Renamed'");
  await health();
  expect(await alerts()).toHaveLength(1);
  await change("enabled = 1, disabled_reason = NULL");
  await later();
  await consume(env, "events", [await makeEvent(source)]);
  await Promise.all([health(), health()]);
  await health();
  expect((await alerts()).map(({ kind }) => kind)).toEqual(["disabled", "disabled"]);
});
