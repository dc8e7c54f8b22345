import { SENS_DOUBT_WAIT_MS } from "./constants.ts";
import type { Deadline } from "./deadline.ts";
import type { AttemptInput, Outcome } from "./driver.ts";
import { failure } from "./message-outcome.ts";
import type { SensAnswer } from "./sens-call.ts";
import type { SensMessage, SensRecipient } from "./sens-check.ts";
import type { SensConfig } from "./sens-config.ts";
import { lookUp } from "./sens-lookup.ts";
import type { Progress } from "./sens-progress.ts";
import { withTaken } from "./sens-receipt.ts";

type Failure = Extract<Outcome, { ok: false }>;

/** Looks up what earlier tries may have sent. Null when that is clear; else why nothing can be sent now. */
export async function adopt(
  config: SensConfig,
  { earlier }: AttemptInput,
  message: SensMessage,
  open: readonly SensRecipient[],
  deadline: Deadline,
  progress: Progress,
): Promise<Failure | null> {
  const { receipt } = progress;
  const doubts = (earlier?.doubts ?? []).filter(({ number }) => number > receipt.settled);
  if (!earlier || doubts.length === 0 || open.length === 0) return null;
  const own = receipt.requestIds;
  const lookup = await lookUp(config, { ...earlier, doubts, own }, message, open, deadline);
  progress.last = lookup.answer;
  if (lookup.kind === "unresolved") return unresolvedOf(lookup.answer, lookup.isBusy);
  const byRequest = Map.groupBy(lookup.found, ([, requestId]) => requestId);
  for (const [requestId, found] of byRequest) {
    const numbers = found.map(([to]) => to);
    progress.receipt = withTaken(progress.receipt, requestId, numbers);
  }
  // What SENS has, the cap has counted; of what it has not, the place is still ours.
  const { counted } = progress.receipt;
  progress.receipt = {
    ...progress.receipt,
    settled: Math.max(...doubts.map(({ number }) => number)),
    ...(counted && {
      counted: { ...counted, recipients: Math.max(0, counted.recipients - lookup.found.size) },
    }),
  };
  return null;
}

/** Refused keys and a 429 mean here what they mean everywhere; anything else is asked again, and not sent. */
function unresolvedOf(answer: SensAnswer | null, isBusy: boolean): Failure {
  const refused = answer?.failure;
  if (refused?.effect) return refused;
  return {
    ...failure("unresolved", true),
    retryAfterMs: SENS_DOUBT_WAIT_MS,
    ...(isBusy && { uncounted: true }),
  };
}
