import { SLACK_TIMEOUT_MS } from "./constants.ts";
import { startDeadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, Outcome, Reason } from "./driver.ts";
import { exchange } from "./exchange.ts";
import { mayNotBeCalled } from "./lookup.ts";
import { MASK } from "./mask.ts";
import { readReadable } from "./readable-body.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { SlackConfig } from "./slack-config.ts";
import { type SlackPayload, slackMessage } from "./slack-message.ts";

/** Wait after a 429 without `Retry-After`: Slack takes a message a second. */
const DEFAULT_PAUSE_MS = 1_000;

const HEADERS: [string, string][] = [
  ["content-type", "application/json; charset=utf-8"],
  ["user-agent", "Baton/1"],
];

/** Posts the event as a message to an incoming webhook. */
export async function deliverSlack(
  config: SlackConfig,
  input: AttemptInput,
): Promise<AttemptResult> {
  const request = { method: "POST", url: maskSlackUrl(config.url), headers: HEADERS };
  if (await mayNotBeCalled(config, input.settings)) {
    return { outcome: failure("blocked_url", false), request };
  }
  const deadline = startDeadline(SLACK_TIMEOUT_MS);
  try {
    const body = await deadline.race(readReadable(input.event));
    if (body === null) return { outcome: failure("body_missing", false), request };
    const requestBody = payloadBytes(slackMessage(input.event, body));
    const answer = await exchange(
      new Request(config.url, {
        method: "POST",
        headers: HEADERS,
        body: requestBody,
        redirect: "manual",
      }),
      deadline,
    );
    if (answer.failure !== undefined) {
      return { outcome: failure(answer.failure, true), request, requestBody };
    }
    const { status, retryAfter, response, responseBody } = answer;
    const outcome = answer.timedOut
      ? failure("timeout", true)
      : slackOutcome(status, retryAfter, new TextDecoder().decode(responseBody));
    return { outcome, request, requestBody, response, responseBody };
  } catch (error) {
    if (deadline.hasStruck()) return { outcome: failure("timeout", true), request };
    throw error;
  } finally {
    deadline.clear();
  }
}

function payloadBytes(payload: SlackPayload): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(JSON.stringify(payload)));
}

/**
 * What Slack's answer means. Success is 200 and exactly `ok`: another 200 is some other server's page (a mistyped URL,
 * a proxy's log-in), which would take every further try for nothing, so it ends at once and can be retried by hand.
 */
export function slackOutcome(status: number, retryAfter: string | null, body: string): Outcome {
  if (status === 200) return body.trim() === "ok" ? { ok: true } : failure("rejected", false);
  if (status === 429) {
    const waitMs = retryAfterMs(retryAfter, Date.now()) ?? DEFAULT_PAUSE_MS;
    return {
      ...failure("rate_limited", true),
      retryAfterMs: waitMs,
      uncounted: true,
      effect: "pause",
    };
  }
  if (status >= 500 || status === 408) return failure("http_status", true);
  if (status >= 300 && status < 400) return failure("redirect", true);
  if (status === 401 || status === 403) return { ...failure("rejected", false), effect: "disable" };
  // 404: the hook or its channel was deleted; 410: the channel is archived.
  if (status === 404 || status === 410) return { ...failure("gone", false), effect: "disable" };
  return failure("rejected", false);
}

function failure(reason: Reason, retry: boolean) {
  return { ok: false, retry, reason } as const;
}

/** The URL is the credential: its workspace and hook ids tell hooks apart, the rest is masked. */
export function maskSlackUrl(text: string): string {
  const url = new URL(text);
  const shown = url.pathname.match(/^\/services\/[^/]+\/[^/]+\//)?.[0] ?? "/";
  return `${url.origin}${shown}${MASK}`;
}
