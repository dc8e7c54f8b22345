import { ClientError } from "./client-error.ts";

/** Waits, at most until the signal. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}

/** A controller that the signal aborts too. `unlink` must be called when it is done with: signals live long. */
export function linkedTo(signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return { controller, unlink: () => signal?.removeEventListener("abort", abort) };
}

/** Calls `late` unless it is stopped within `ms`. `again` starts anew. */
export function createAlarm(ms: number, late: () => void) {
  let timer = setTimeout(late, ms);
  const stop = () => clearTimeout(timer);
  return {
    stop,
    again(nextMs = ms) {
      stop();
      timer = setTimeout(late, nextMs);
    },
  };
}

/** The promise, or a rejection when the signal comes first: a caller's function may never answer. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new ClientError("It was closed."));
    signal.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
