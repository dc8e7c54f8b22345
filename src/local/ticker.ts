import { Cron } from "croner";
import { MINUTE_MS } from "./constants.ts";

/** A cron expression and the jobs it runs. */
export type Schedule = { cron: string; jobs: readonly string[] };

/**
 * True when the expression is due in (after, upTo], times in ms UTC. However many minutes lie between, for instance
 * because the computer slept, the answer is one yes: a job that catches up needs no repetition.
 */
export function isDue(cron: string, after: number, upTo: number): boolean {
  // Workers count weekdays from 1 = Sunday, and know UTC only.
  const expression = new Cron(cron, { timezone: "UTC", alternativeWeekdays: true });
  const next = expression.nextRun(new Date(after));
  return next !== null && next.getTime() <= upTo;
}

/**
 * Simulated time: starts at the real current minute, and every `tickMs` is one minute.
 * Gives the simulated minute (ms UTC) at a moment.
 */
export function simulatedMinute(startedAt: number, now: number, tickMs: number): number {
  const first = Math.floor(startedAt / MINUTE_MS) * MINUTE_MS;
  return first + Math.floor((now - startedAt) / tickMs) * MINUTE_MS;
}

export type Ticker = { stop: () => void };

/** Runs every due job, never one job twice at a time. A failure is told and does not stop the clock. */
export function startTicker(
  schedules: readonly Schedule[],
  tickMs: number,
  runJob: (name: string) => Promise<unknown>,
  onFailure: (name: string, error: unknown) => void,
): Ticker {
  const startedAt = Date.now();
  const running = new Set<string>();
  let seen = simulatedMinute(startedAt, startedAt, tickMs);

  async function run(name: string): Promise<void> {
    if (running.has(name)) return;
    running.add(name);
    try {
      await runJob(name);
    } catch (error) {
      onFailure(name, error);
    } finally {
      running.delete(name);
    }
  }

  function tick(): void {
    const minute = simulatedMinute(startedAt, Date.now(), tickMs);
    const due = schedules.filter(({ cron }) => isDue(cron, seen, minute));
    seen = Math.max(seen, minute);
    for (const name of due.flatMap(({ jobs }) => jobs)) void run(name);
  }

  const timer = setInterval(tick, tickMs);
  return { stop: () => clearInterval(timer) };
}
