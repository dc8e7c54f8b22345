import { expect, test } from "vitest";
import { ServerClock } from "../../src/cli/server-clock.ts";

const HOUR_MS = 3_600_000;

test("this machine's time counts until the server has said its own", () => {
  const clock = new ServerClock();
  expect(clock.now(1000)).toBe(1000);
  clock.heard(HOUR_MS, 0);
  expect(clock.now(5)).toBe(HOUR_MS + 5);
});

test("a machine that is ahead waits longer, and an answer that came late changes nothing", () => {
  const clock = new ServerClock();
  clock.heard(0, HOUR_MS);
  expect(clock.now(HOUR_MS + 7)).toBe(7);
  clock.heard(10, HOUR_MS + 60_000);
  expect(clock.now(HOUR_MS + 7)).toBe(7);
});
