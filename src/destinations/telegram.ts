import { isObject } from "../json-object.ts";
import type { AttemptInput, AttemptResult, Outcome } from "./driver.ts";
import { MASK } from "./mask.ts";
import { failure, rateLimited, refusalOf } from "./message-outcome.ts";
import { type Answer, postMessage } from "./post-message.ts";
import { readObject } from "./read-json.ts";
import { retryAfterMs, secondsToMs } from "./retry-after.ts";
import type { TelegramConfig } from "./telegram-config.ts";
import { telegramMessage } from "./telegram-message.ts";

/** Wait after a 429 that names none: a chat takes a message a second. */
const DEFAULT_PAUSE_MS = 1_000;

/** Sends the event as a bot's message to a chat. */
export function deliverTelegram(
  config: TelegramConfig,
  input: AttemptInput,
): Promise<AttemptResult> {
  return postMessage(
    {
      target: { url: config.baseUrl },
      url: methodUrl(config),
      shownUrl: methodUrl({ ...config, token: maskTelegramToken(config.token) }),
      secret: config.token.slice(config.token.indexOf(":") + 1),
      showCodes: config.showCodes,
      payload: (body) => telegramMessage(config, body),
      text: (text) => telegramMessage(config, { text, kind: "text", unreadBytes: 0 }),
      complete: (payload) => ({ chat_id: config.chatId, ...payload }),
      outcome: telegramOutcome,
    },
    input,
  );
}

/**
 * What Telegram's answer means. Success is its own `ok: true`: another 200 is some other server's page. A 400 as "chat
 * not found" ends the delivery; that a group moved stands in the recorded answer, with its new id.
 */
export function telegramOutcome({ status, retryAfter, body }: Answer): Outcome {
  const answer = readObject(body);
  if (status >= 200 && status < 300) {
    return answer.ok === true ? { ok: true } : failure("rejected", false);
  }
  if (status === 429) {
    const named = isObject(answer.parameters) ? answer.parameters.retry_after : undefined;
    const waitMs = secondsToMs(named) ?? retryAfterMs(retryAfter, Date.now());
    return rateLimited(waitMs ?? DEFAULT_PAUSE_MS);
  }
  return refusalOf(status);
}

function methodUrl({ baseUrl, token }: Pick<TelegramConfig, "baseUrl" | "token">): string {
  return `${baseUrl.replace(/\/+$/, "")}/bot${token}/sendMessage`;
}

/** The digits are the bot's id, which anybody in its chats sees. */
export function maskTelegramToken(token: string): string {
  return `${token.slice(0, token.indexOf(":") + 1)}${MASK}`;
}
