import { expect, it } from "vitest";
import { openEvents } from "../../src/db/client.ts";
import { pruneDedupKeys } from "../../src/jobs/prune-dedup-keys.ts";
import { consumerEnv } from "./support.ts";

const KEYS = 12_000;

/** Keys of three sources; every other one has expired. */
async function fill() {
  await consumerEnv.EVENTS_0.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${KEYS})
     INSERT INTO dedup_keys SELECT 'src_' || (i % 3), printf('%06d', i), 'evt', (i % 2) * 2000 FROM n`,
  ).run();
}

async function count(): Promise<number | undefined> {
  return (
    await consumerEnv.EVENTS_0.prepare("SELECT count(*) AS n FROM dedup_keys").first<{
      n: number;
    }>()
  )?.n;
}

it("prune walks all ranges of the keys, deletes what has expired, and begins again", async () => {
  const db = openEvents(consumerEnv.EVENTS_0);
  expect(await pruneDedupKeys(db, 1000)).toBe(0);
  await fill();
  expect(await pruneDedupKeys(db, 1000)).toBe(KEYS / 2);
  expect(await count()).toBe(KEYS / 2);
  expect(await pruneDedupKeys(db, 1000)).toBe(0);
  expect(await pruneDedupKeys(db, 2000)).toBe(KEYS / 2);
});
