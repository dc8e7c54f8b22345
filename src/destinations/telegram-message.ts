import { MAX_TELEGRAM_CHARS } from "./constants.ts";
import { fit, plainPieces, visibleText } from "./message-text.ts";
import type { Readable } from "./readable-body.ts";
import type { TelegramConfig } from "./telegram-config.ts";

/** What `sendMessage` takes. Without a `parse_mode` the text is shown as it is: nothing in it is markup. */
export type TelegramPayload = {
  chat_id: number | string;
  text: string;
  link_preview_options: { is_disabled: true };
};

/** The body as a message to a chat, cut to what Telegram takes. */
export function telegramMessage(
  { chatId }: Pick<TelegramConfig, "chatId">,
  body: Readable,
): TelegramPayload {
  const text = visibleText(body);
  const cut = fit(text, plainPieces(text), MAX_TELEGRAM_CHARS, body.unreadBytes);
  return {
    chat_id: chatId,
    text: cut.text + cut.mark,
    link_preview_options: { is_disabled: true },
  };
}
