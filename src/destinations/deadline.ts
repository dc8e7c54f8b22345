/** One deadline over everything that a try waits for. */
export type Deadline = {
  signal: AbortSignal;
  hasStruck: () => boolean;
  /** The promise's result, or a rejection when the deadline strikes first. */
  race: <T>(promise: Promise<T>) => Promise<T>;
  clear: () => void;
};

export function startDeadline(timeoutMs: number): Deadline {
  const controller = new AbortController();
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
    race: (promise) => Promise.race([promise, struck.promise]),
    clear: () => clearTimeout(timer),
  };
}
