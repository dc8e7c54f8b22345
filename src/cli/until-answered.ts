import { setTimeout as sleep } from "node:timers/promises";
import { CliError, LostAnswer } from "./cli-error.ts";
import { ASK_AGAIN_AFTER_MS } from "./constants.ts";
import { EXIT } from "./exit-codes.ts";
import type { Texts } from "./texts.ts";

type Limits = {
  say: Texts;
  signal: AbortSignal;
  /** No further try begins after this. */
  forMs: number;
  /** The `Idempotency-Key` of a request that changes something: an error says how to ask again safely. */
  once?: string;
};

/** Asks again when an answer is lost. Only for what may be asked twice: what reads, or has an `Idempotency-Key`. */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { say, signal, forMs, once }: Limits,
): Promise<T> {
  const endAt = performance.now() + forMs;
  let lost = false;
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      lost ||= error instanceof LostAnswer;
      const pauseMs = ASK_AGAIN_AFTER_MS[tries];
      // Once an answer was lost, a refused connection is a server that starts again.
      const isOver = !lost || !isUnavailable(error);
      if (isOver || pauseMs === undefined || performance.now() + pauseMs >= endAt) {
        throw lost && once && isUnavailable(error) ? maybeDone(error, once, say) : error;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => {
        throw new CliError(say.errors.interrupted, EXIT.interrupted);
      });
    }
  }
}

function isUnavailable(error: unknown): error is CliError {
  return error instanceof CliError && error.exitCode === EXIT.unavailable;
}

function maybeDone({ message }: CliError, once: string, say: Texts): CliError {
  return new CliError(`${message} ${say.errors.maybeDone(once)}`, EXIT.unavailable);
}
