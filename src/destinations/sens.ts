import { SENS_CHECK_WAITS_MS } from "./constants.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, EarlierTry, Outcome } from "./driver.ts";
import { mayNotBeCalled } from "./lookup.ts";
import { failure } from "./message-outcome.ts";
import { adopt } from "./sens-adopt.ts";
import { sendBatches } from "./sens-batches.ts";
import { isDoubtfulStatus, messagesPath } from "./sens-call.ts";
import { withinCap } from "./sens-cap.ts";
import { isMessage, type SensMessage, type SensRecipient } from "./sens-check.ts";
import type { SensConfig } from "./sens-config.ts";
import { sensMessage } from "./sens-message.ts";
import type { Progress } from "./sens-progress.ts";
import { readReceipt, type SensReceipt } from "./sens-receipt.ts";

const DOUBTFUL_REASONS: readonly (string | null)[] = [
  "timeout",
  "connection_failed",
  "internal_error",
];

/**
 * True for a try that SENS may have taken without our knowing. A connection that was refused looks to a Worker like one
 * that broke, so both count.
 */
export function isDoubtfulSens({ outcome, reason, responseStatus }: EarlierTry): boolean {
  if (outcome === "interrupted") return true;
  return (
    outcome === "failed" && (DOUBTFUL_REASONS.includes(reason) || isDoubtfulStatus(responseStatus))
  );
}

/**
 * Sends the event as text messages: whom earlier tries have reached is left out, what they may have reached is looked
 * up first, and the rest goes in calls of 100 recipients. One deadline holds for all calls of a try.
 */
export async function deliverSens(config: SensConfig, input: AttemptInput): Promise<AttemptResult> {
  if (await mayNotBeCalled({ url: config.baseUrl }, input.settings)) {
    const url = `${config.baseUrl}${messagesPath(config)}`;
    return {
      outcome: failure("blocked_url", false),
      request: { method: "POST", url, headers: [] },
    };
  }
  const deadline = startDeadline(config.timeoutMs);
  try {
    const message = await deadline.race(sensMessage(config, input));
    const receipt = readReceipt(input.earlier?.receipt);
    if (!isMessage(message)) {
      const { reason, problem } = message;
      return { outcome: failure(reason, false), receipt: { ...receipt, problem } };
    }
    const progress: Progress = { receipt: { ...receipt, problem: null }, last: null };
    const outcome = await sendAll(config, input, message, deadline, progress);
    return resultOf(outcome, progress);
  } catch (error) {
    if (deadline.hasStruck()) return { outcome: failure("timeout", true) };
    throw error;
  } finally {
    deadline.clear();
  }
}

async function sendAll(
  config: SensConfig,
  input: AttemptInput,
  message: SensMessage,
  deadline: Deadline,
  progress: Progress,
): Promise<Outcome> {
  const open = recipientsLeft(message, progress.receipt);
  const unresolved = await adopt(config, input, message, open, deadline, progress);
  if (unresolved) return unresolved;
  const taken = new Set(
    progress.receipt.messages.filter(({ status }) => status === "pending").map(({ to }) => to),
  );
  const left = open.filter(({ to }) => !taken.has(to));
  return withinCap(config, input, left, progress, () =>
    sendBatches(config, message, left, deadline, progress),
  );
}

/**
 * Who is still to be sent to. When everybody has been, somebody asks for it by hand: then those whose phones it did
 * not reach.
 */
function recipientsLeft(message: SensMessage, { messages }: SensReceipt): SensRecipient[] {
  const known = new Map(messages.map(({ to, status }) => [to, status]));
  const never = message.messages.filter(({ to }) => !known.has(to));
  return never.length > 0 ? never : message.messages.filter(({ to }) => known.get(to) === "failed");
}

function resultOf(outcome: Outcome, { receipt, last }: Progress): AttemptResult {
  const isOpen = receipt.messages.some(({ status }) => status === "pending");
  const [firstWaitMs = 0] = SENS_CHECK_WAITS_MS;
  return {
    outcome,
    ...(last && {
      request: last.request,
      ...(last.requestBody && { requestBody: last.requestBody }),
      ...(last.response && { response: last.response }),
      ...(last.responseBody && { responseBody: last.responseBody }),
    }),
    receipt,
    receiptDueAt: isOpen ? Date.now() + firstWaitMs : null,
  };
}
