import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until the answer is something (neither undefined nor false), at most `deadlineMs`; then gives undefined.
 * `signal` ends the waiting early.
 */
export async function waitUntil<T>(
  ask: () => T | Promise<T>,
  deadlineMs: number,
  everyMs: number,
  signal?: AbortSignal,
): Promise<Exclude<T, false | undefined> | undefined> {
  const deadline = performance.now() + deadlineMs;
  while (!signal?.aborted) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, false | undefined>;
    if (performance.now() >= deadline) return undefined;
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
  return undefined;
}
