import type { Reason } from "../session-pairs/index.ts";
import { LOOK_EVERY_MS } from "./constants.ts";
import { LoginFault } from "./fault.ts";

/** The promise's value; throws `LoginFault` when it takes longer than `ms`. What comes later is nobody's error. */
export async function within<T>(ms: number, late: Reason, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new LoginFault(late)), Math.max(0, ms));
  });
  promise.catch(() => {});
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks again and again until the answer is not null; null when `ms` are over. */
export async function until<T>(ms: number, ask: () => Promise<T | null>): Promise<T | null> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== null || Date.now() >= end) return answer;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
