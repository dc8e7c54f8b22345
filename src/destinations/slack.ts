import type { AttemptInput, AttemptResult, Outcome } from "./driver.ts";
import { MASK } from "./mask.ts";
import { failure, rateLimited, refusalOf } from "./message-outcome.ts";
import { postMessage } from "./post-message.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { SlackConfig } from "./slack-config.ts";
import { slackMessage, slackText } from "./slack-message.ts";
import { readOwnMessage } from "./slack-passthrough.ts";

/** Wait after a 429 without `Retry-After`: Slack takes a message a second. */
const DEFAULT_PAUSE_MS = 1_000;

/** Posts the event as a message to an incoming webhook, or on as the message that it is. */
export async function deliverSlack(
  config: SlackConfig,
  input: AttemptInput,
): Promise<AttemptResult> {
  // What a rule makes of a message takes its place.
  const own = input.output ? null : await readOwnMessage(input.event, config.showSender === true);
  return postMessage(
    {
      target: config,
      url: config.url,
      shownUrl: maskSlackUrl(config.url),
      secret: new URL(config.url).pathname.split("/").at(-1) ?? "",
      showCodes: config.showCodes,
      payload: (body) => own ?? slackMessage(input.event, body),
      text: slackText,
      complete: (payload) => payload,
      outcome: ({ status, retryAfter, body }) => slackOutcome(status, retryAfter, body),
    },
    input,
  );
}

/**
 * What Slack's answer means. Success is 200 and exactly `ok`: another 200 is some other server's page (a mistyped URL,
 * a proxy's log-in), which would take every further try for nothing, so it ends at once and can be retried by hand.
 */
export function slackOutcome(status: number, retryAfter: string | null, body: string): Outcome {
  if (status === 200) return body.trim() === "ok" ? { ok: true } : failure("rejected", false);
  if (status === 429) return rateLimited(retryAfterMs(retryAfter, Date.now()) ?? DEFAULT_PAUSE_MS);
  // 404: the hook or its channel was deleted; 410: the channel is archived.
  if (status === 404 || status === 410) return { ...failure("gone", false), effect: "disable" };
  return refusalOf(status);
}

/** The URL is the credential: its workspace and hook ids tell hooks apart, the rest is masked. */
export function maskSlackUrl(text: string): string {
  const url = new URL(text);
  const shown = url.pathname.match(/^\/services\/[^/]+\/[^/]+\//)?.[0] ?? "/";
  return `${url.origin}${shown}${MASK}`;
}
