import { BatonError } from "../errors.ts";
import { log } from "../log.ts";

/**
 * Runs what needs the sender's connection or R2. When one fails: 503, and the sender sends again, or it went away and
 * reads no answer.
 */
export async function orUnavailable<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BatonError) throw error;
    log.warn("body_not_stored", { key, error });
    throw new BatonError("unavailable", "The body could not be stored. Send the request again.", {
      retryAfterSeconds: 5,
    });
  }
}
