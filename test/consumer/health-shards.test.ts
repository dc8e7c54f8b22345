import { applyD1Migrations, type D1Migration } from "cloudflare:test";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { AWAY, alerts, health, MINUTE_MS, resetHealth, tried } from "./health-support.ts";
import { consumerEnv, makeDestination, makeEvent, makeSource } from "./support.ts";

const { DB, EVENTS_0 } = consumerEnv;

/** The control database has room for the tables of a second event database. */
const two = { EVENTS_1: DB } as unknown as Partial<ConsumerEnv>;
const TABLES = ["events", "deliveries", "attempts"];

beforeAll(async () => {
  const { EVENTS_MIGRATIONS } = consumerEnv as unknown as { EVENTS_MIGRATIONS: D1Migration[] };
  await applyD1Migrations(DB, EVENTS_MIGRATIONS, "d1_migrations_of_events");
});
beforeEach(async () => {
  await resetHealth();
  await DB.batch(TABLES.map((table) => DB.prepare(`DELETE FROM ${table}`)));
});

/** Moves what is stored to the second database. */
async function move() {
  for (const table of TABLES) {
    const { results } = await EVENTS_0.prepare(`SELECT * FROM ${table}`).all();
    for (const row of results) {
      const values = Object.values(row).map((value) =>
        Array.isArray(value) ? new Uint8Array(value as number[]) : value,
      );
      const marks = values.map(() => "?").join(", ");
      await DB.prepare(`INSERT INTO ${table} VALUES (${marks})`)
        .bind(...values)
        .run();
    }
    await EVENTS_0.prepare(`DELETE FROM ${table}`).run();
  }
}

const checks = async () =>
  (await alerts())
    .map(({ check, kind }) => `${check} ${kind}`)
    .toSorted((one, other) => one.localeCompare(other));

it("tries of one destination in several databases count together", async () => {
  const { id } = await makeDestination();
  for (let i = 0; i < 3; i++) await tried(id);
  await move();
  for (let i = 0; i < 2; i++) await tried(id);
  expect(await health()).toMatchObject({ failing: 0 });
  expect(await health(two)).toMatchObject({ failing: 1 });
});

it("an event that waits in the second database alerts, and a success there is seen", async () => {
  await makeEvent(await makeSource(), { at: Date.now() - 6 * MINUTE_MS });
  await move();
  await health(two);
  expect(await alerts()).toMatchObject([{ check: "queue", kind: "failing" }]);
});

it("what waits in a database that does not answer is unknown: nothing recovers by that", async () => {
  const late = async () => {
    await tried((await makeDestination()).id);
    await EVENTS_0.prepare("UPDATE deliveries SET next_attempt_at = ?")
      .bind(Date.now() - 6 * MINUTE_MS)
      .run();
  };
  await makeEvent(await makeSource(), { at: Date.now() - 6 * MINUTE_MS });
  await late();
  await move();
  await health(two);
  const away = { EVENTS_1: AWAY } as unknown as Partial<ConsumerEnv>;
  const before = ["deliveries failing", "queue failing"];
  expect(await checks()).toEqual(before);
  expect(await health(away)).toMatchObject({ failing: 3 });
  expect(await checks()).toEqual(["deliveries failing", "events_1 failing", "queue failing"]);
});

it("a fault in a database that answers is one all the same", async () => {
  await makeEvent(await makeSource(), { at: Date.now() - 6 * MINUTE_MS });
  await health({ EVENTS_1: AWAY } as unknown as Partial<ConsumerEnv>);
  expect(await checks()).toEqual(["events_1 failing", "queue failing"]);
});
