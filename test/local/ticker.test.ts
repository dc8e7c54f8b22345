import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CRONS } from "../../src/jobs/schemas.ts";
import { declaredCrons } from "../../src/local/declared-crons.ts";
import { messagesIn } from "../../src/local/messages.ts";
import { isDue, simulatedMinute, startTicker } from "../../src/local/ticker.ts";

const at = (time: string) => Date.parse(`2026-11-21T${time}Z`);

beforeEach(() => {
  vi.useFakeTimers({ now: at("09:15:30") });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ["* * * * *", "09:15:00", "09:16:00", true],
  ["* * * * *", "09:15:00", "09:15:00", false],
  ["17 * * * *", "09:15:00", "09:16:00", false],
  ["17 * * * *", "09:16:00", "09:17:00", true],
  ["17 * * * *", "09:17:00", "09:18:00", false],
  ["17 * * * *", "09:10:00", "15:00:00", true],
  // 2026-11-21 is a Saturday; Workers count from 1 = Sunday.
  ["16 9 * * 7", "09:15:00", "09:16:00", true],
  ["16 9 * * SAT", "09:15:00", "09:16:00", true],
  ["16 9 * * 6", "09:15:00", "09:16:00", false],
])("ticker: `%s` between %s and %s is due: %s", (cron, after, upTo, due) => {
  expect(isDue(cron, at(after), at(upTo))).toBe(due);
});

test("ticker: simulated time starts at the current minute and goes on by one each tick", () => {
  const start = at("09:15:30");
  expect(simulatedMinute(start, start, 100)).toBe(at("09:15:00"));
  expect(simulatedMinute(start, start + 99, 100)).toBe(at("09:15:00"));
  expect(simulatedMinute(start, start + 100, 100)).toBe(at("09:16:00"));
  expect(simulatedMinute(start, start + 6_000, 100)).toBe(at("10:15:00"));
});

test("ticker: every declared cron fires in a simulated hour, each as often as it says", async () => {
  const runs: string[] = [];
  const ticker = startTicker(
    declaredCrons(messagesIn("en"), () => {}),
    100,
    async (name) => runs.push(name),
    () => {},
  );
  await vi.advanceTimersByTimeAsync(6_000);
  ticker.stop();
  const [minutely, fifth, hourly] = [CRONS["* * * * *"], CRONS["*/5 * * * *"], CRONS["17 * * * *"]];
  const times = (name: string) => runs.filter((run) => run === name).length;
  for (const name of minutely) expect(times(name)).toBe(60);
  for (const name of fifth) expect(times(name)).toBe(12);
  for (const name of hourly) expect(times(name)).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  // Nothing else has run, and nothing runs after the stop.
  expect(runs).toHaveLength(60 * minutely.length + 12 * fifth.length + hourly.length);
});

test("ticker: a job that still runs is not started again, and its failure stops nothing", async () => {
  let started = 0;
  let fail: (reason: Error) => void = () => {};
  const failures: string[] = [];
  const ticker = startTicker(
    [{ cron: "* * * * *", jobs: ["sweep"] }],
    100,
    () => {
      started++;
      return new Promise((_, reject) => {
        fail = reject;
      });
    },
    (name, error) => failures.push(`${name}: ${(error as Error).message}`),
  );
  await vi.advanceTimersByTimeAsync(1_000);
  expect(started).toBe(1);
  fail(new Error("503"));
  await vi.advanceTimersByTimeAsync(100);
  ticker.stop();
  expect(failures).toEqual(["sweep: 503"]);
  expect(started).toBe(2);
});

test("ticker: every declared cron has jobs", () => {
  const warnings: string[] = [];
  const schedules = declaredCrons(messagesIn("en"), (line) => warnings.push(line));
  expect(warnings).toEqual([]);
  expect(schedules.map(({ cron }) => cron).toSorted()).toEqual(Object.keys(CRONS).toSorted());
});
