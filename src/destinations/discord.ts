import type { DiscordConfig } from "./discord-config.ts";
import { discordMessage } from "./discord-message.ts";
import type { AttemptInput, AttemptResult, Outcome } from "./driver.ts";
import { MASK } from "./mask.ts";
import { failure, rateLimited, refusalOf } from "./message-outcome.ts";
import { type Answer, postMessage } from "./post-message.ts";
import { readObject } from "./read-json.ts";
import { retryAfterMs, secondsToMs } from "./retry-after.ts";

/** Wait after a 429 that names none: a webhook takes 5 messages in 2 s. */
const DEFAULT_PAUSE_MS = 2_000;

/** Posts the event as a message to a webhook of Discord. */
export function deliverDiscord(config: DiscordConfig, input: AttemptInput): Promise<AttemptResult> {
  const url = new URL(config.url);
  // Without it Discord answers before it has the message, and gives no id of it.
  url.searchParams.set("wait", "true");
  return postMessage(
    {
      target: config,
      url: url.href,
      shownUrl: maskDiscordUrl(url.href),
      secret: url.pathname.split("/").at(-1) ?? "",
      showCodes: config.showCodes,
      payload: discordMessage,
      text: (text) => discordMessage({ text, kind: "text", unreadBytes: 0 }),
      // Nobody is called unless the payload itself says who may be.
      complete: (payload) => ({ allowed_mentions: { parse: [] }, ...payload }),
      outcome: discordOutcome,
    },
    input,
  );
}

/**
 * What Discord's answer means. Success is the message with its id, or 204: another 200 is some other server's page,
 * which would take every further try for nothing.
 */
export function discordOutcome({ status, retryAfter, headers, body }: Answer): Outcome {
  if (status === 204) return { ok: true };
  if (status >= 200 && status < 300) {
    return typeof readObject(body).id === "string" ? { ok: true } : failure("rejected", false);
  }
  if (status === 429) return rateLimited(pauseMs({ retryAfter, headers, body }));
  return refusalOf(status);
}

/** The JSON is exact to the millisecond; Cloudflare's own 429 before Discord has the header alone. */
function pauseMs({ retryAfter, headers, body }: Omit<Answer, "status">): number {
  const resetAfter = headers.find(([name]) => name === "x-ratelimit-reset-after")?.[1] ?? null;
  const now = Date.now();
  return (
    secondsToMs(readObject(body).retry_after) ??
    retryAfterMs(retryAfter, now) ??
    retryAfterMs(resetAfter, now) ??
    DEFAULT_PAUSE_MS
  );
}

/** The token in the path is the credential; the webhook's id and the thread tell destinations apart. */
export function maskDiscordUrl(text: string): string {
  const url = new URL(text);
  const shown = url.pathname.match(/^\/api(\/v\d+)?\/webhooks\/\d+\//)?.[0] ?? "/";
  return `${url.origin}${shown}${MASK}${url.search}`;
}
