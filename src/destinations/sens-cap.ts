import { MAX_SENS_BATCH } from "./constants.ts";
import { giveBackToCap, takeFromCap } from "./daily-cap.ts";
import type { AttemptInput, Outcome } from "./driver.ts";
import { failure } from "./message-outcome.ts";
import type { SensRecipient } from "./sens-check.ts";
import type { SensConfig } from "./sens-config.ts";
import type { Progress } from "./sens-progress.ts";
import { seoulDay } from "./seoul-time.ts";

/**
 * Counts the recipients before anything is sent, and gives back those that certainly were not. A process that dies in
 * between leaves them counted: the cap may let less through than it says, never more.
 */
export async function withinCap(
  { dailyCap }: SensConfig,
  { destinationId, stores }: AttemptInput,
  left: readonly SensRecipient[],
  progress: Progress,
  send: () => Promise<Outcome>,
): Promise<Outcome> {
  if (dailyCap === undefined) return send();
  const day = seoulDay(Date.now());
  const { counted } = progress.receipt;
  const ours = counted?.day === day ? Math.min(counted.recipients, left.length) : 0;
  const count = left.length - ours;
  if (!(await takeFromCap(stores, { destinationId, day, count, cap: dailyCap }))) {
    progress.receipt.problem = `${count} more recipients are over the cap of ${dailyCap} for ${day} (Seoul)`;
    return failure("daily_cap", false);
  }
  progress.receipt.counted = { day, recipients: left.length };
  const outcome = await send();
  const { messages } = progress.receipt;
  const pending = new Set(
    messages.filter(({ status }) => status === "pending").map(({ to }) => to),
  );
  const unsent = left.filter(({ to }) => !pending.has(to));
  const doubtful = progress.last?.isDoubtful ? Math.min(unsent.length, MAX_SENS_BATCH) : 0;
  progress.receipt.counted = doubtful > 0 ? { day, recipients: doubtful } : null;
  await giveBackToCap(stores, { destinationId, day, count: unsent.length - doubtful });
  return outcome;
}
