/** One deadline over everything that a try waits for. */
export type Deadline = {
  signal: AbortSignal;
  hasStruck: () => boolean;
  /** Milliseconds until it strikes. */
  left: () => number;
  /** The promise's result, or a rejection when the deadline strikes first. */
  race: <T>(promise: Promise<T>) => Promise<T>;
  clear: () => void;
};

export function startDeadline(timeoutMs: number): Deadline {
  const controller = new AbortController();
  const strikesAt = Date.now() + timeoutMs;
  const struck = Promise.withResolvers<never>();
  // Nobody may be waiting when it strikes.
  struck.promise.catch(() => {});
  const timer = setTimeout(() => {
    const reason = new DOMException("the deadline of this try", "TimeoutError");
    controller.abort(reason);
    struck.reject(reason);
  }, timeoutMs);
  return {
    signal: controller.signal,
    hasStruck: () => controller.signal.aborted,
    left: () => strikesAt - Date.now(),
    race: (promise) => Promise.race([promise, struck.promise]),
    clear: () => clearTimeout(timer),
  };
}
