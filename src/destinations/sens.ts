import {
  MAX_SENS_BATCH,
  MIN_SENS_CALL_MS,
  SENS_CHECK_WAITS_MS,
  SENS_DOUBT_WAIT_MS,
} from "./constants.ts";
import { giveBackToCap, takeFromCap } from "./daily-cap.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, EarlierTry, Outcome } from "./driver.ts";
import { mayNotBeCalled } from "./lookup.ts";
import { failure } from "./message-outcome.ts";
import { textOf } from "./read-json.ts";
import { callSens, isDoubtfulStatus, messagesPath, type SensAnswer } from "./sens-call.ts";
import { isMessage, type SensMessage, type SensRecipient } from "./sens-check.ts";
import type { SensConfig } from "./sens-config.ts";
import { lookUp } from "./sens-lookup.ts";
import { sensMessage } from "./sens-message.ts";
import { readReceipt, type SensReceipt, withTaken } from "./sens-receipt.ts";
import { seoulDay } from "./seoul-time.ts";

/** How far a try has come. */
type Progress = { receipt: SensReceipt; last: SensAnswer | null };
type Failure = Extract<Outcome, { ok: false }>;

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

/** Looks up what earlier tries may have sent. Null when that is clear; else why nothing can be sent now. */
async function adopt(
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

/** Counts the recipients before anything is sent, and gives back those that certainly were not. */
async function withinCap(
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

async function sendBatches(
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
