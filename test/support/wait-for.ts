import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is neither undefined nor false; throws when that takes longer than the deadline. */
export async function waitFor<T>(
  ask: () => T | Promise<T>,
  options: { what: string; deadlineMs?: number; everyMs?: number; explain?: () => string },
): Promise<Exclude<T, undefined | false>> {
  const { what, deadlineMs = 45_000, everyMs = 50, explain = () => "" } = options;
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
    if (performance.now() > deadline) {
      throw new Error(`waited ${deadlineMs} ms in vain for ${what}\n${explain()}`);
    }
    await sleep(everyMs);
  }
}
