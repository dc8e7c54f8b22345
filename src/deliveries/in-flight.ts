import { STALL_MS } from "./constants.ts";

type Job<T> = { key: string; item: T };

/**
 * Runs `work` over all items with at most `total` at a time and `perKey` at a time of one key.
 * Items of one key start in order; a key at its limit does not hold up the others. `work` must not throw.
 * `onStall` is told every `STALL_MS` that an item takes.
 */
export async function runInFlight<T>(
  jobs: readonly Job<T>[],
  limits: { perKey: number; total: number },
  work: (item: T) => Promise<void>,
  onStall: () => void = () => {},
): Promise<void> {
  const waiting = [...jobs];
  const running = new Map<string, number>();
  const busy = new Set<Promise<void>>();

  const startable = () => waiting.findIndex((job) => (running.get(job.key) ?? 0) < limits.perKey);

  while (waiting.length > 0 || busy.size > 0) {
    const at = busy.size < limits.total ? startable() : -1;
    const job = at < 0 ? undefined : waiting.splice(at, 1)[0];
    if (!job) {
      await Promise.race(busy);
      continue;
    }
    running.set(job.key, (running.get(job.key) ?? 0) + 1);
    const timer = setInterval(onStall, STALL_MS);
    const done: Promise<void> = work(job.item).finally(() => {
      clearInterval(timer);
      running.set(job.key, (running.get(job.key) ?? 1) - 1);
      busy.delete(done);
    });
    busy.add(done);
  }
}
