import { z } from "zod";
import { sourceTopic } from "../channels/index.ts";
import type { Deps } from "../context.ts";
import { log } from "../log.ts";
import { MAX_HINT_MS } from "./constants.ts";

/**
 * What a watcher of a source is told: ids only. It reads the rows itself, so what it shows is what the database has, and
 * masked as everywhere.
 */
export const Hint = z.object({ events: z.array(z.string()), deliveries: z.array(z.string()) });
export type Hint = z.infer<typeof Hint>;

/** Tells the watchers of a source. Never throws, and never takes long. */
export async function sendHint(
  { channels }: Pick<Deps, "channels">,
  sourceId: string,
  hint: Hint,
): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer in time")), MAX_HINT_MS);
  try {
    await Promise.race([
      channels.getByName(sourceTopic(sourceId)).broadcast([JSON.stringify(hint)]),
      late.promise,
    ]);
  } catch (error) {
    log.warn("watchers_not_told", { sourceId, error });
  } finally {
    clearTimeout(timer);
  }
}
