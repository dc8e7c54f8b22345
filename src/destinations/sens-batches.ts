import { MAX_SENS_BATCH, MIN_SENS_CALL_MS, SENS_DOUBT_WAIT_MS } from "./constants.ts";
import type { Deadline } from "./deadline.ts";
import type { Outcome } from "./driver.ts";
import { failure } from "./message-outcome.ts";
import { textOf } from "./read-json.ts";
import { callSens, messagesPath, type SensAnswer } from "./sens-call.ts";
import type { SensMessage, SensRecipient } from "./sens-check.ts";
import type { SensConfig } from "./sens-config.ts";
import type { Progress } from "./sens-progress.ts";
import { withTaken } from "./sens-receipt.ts";

/** Sends in calls of 100 recipients, one after the other, up to the first that is not taken. */
export async function sendBatches(
  config: SensConfig,
  message: SensMessage,
  left: readonly SensRecipient[],
  deadline: Deadline,
  progress: Progress,
): Promise<Outcome> {
  for (let i = 0; i < left.length; i += MAX_SENS_BATCH) {
    // A call that the deadline cuts off is in doubt: the next try begins it with time enough.
    if (i > 0 && deadline.left() < Math.min(MIN_SENS_CALL_MS, config.timeoutMs / 2)) {
      return failure("timeout", true);
    }
    const batch = left.slice(i, i + MAX_SENS_BATCH);
    const payload = { ...message, messages: batch };
    const path = messagesPath(config);
    const answer = await callSens(config, { method: "POST", path, payload }, deadline);
    progress.last = answer;
    if (answer.isDoubtful) {
      const doubt = answer.failure ?? failure("timeout", true);
      return { ...doubt, retry: true, retryAfterMs: SENS_DOUBT_WAIT_MS };
    }
    if (answer.failure) return answer.failure;
    const requestId = requestIdOf(answer);
    if (requestId === null) return failure("rejected", false);
    const numbers = batch.map(({ to }) => to);
    progress.receipt = withTaken(progress.receipt, requestId, numbers);
  }
  return { ok: true };
}

/** Success is HTTP 202 and `statusCode` "202" with an id: another 2xx is some other server's page, or a refusal. */
function requestIdOf({ status, json }: SensAnswer): string | null {
  if (status !== 202 || textOf(json.statusCode) !== "202") return null;
  return typeof json.requestId === "string" && json.requestId !== "" ? json.requestId : null;
}
