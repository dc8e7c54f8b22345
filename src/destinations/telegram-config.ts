import { z } from "zod";
import { strict } from "../strict.ts";
import { MAX_URL_CHARS } from "./constants.ts";
import { isLocalHttp } from "./local-http.ts";
import { MASK, MASK_REMEDY } from "./mask.ts";
import { messagingFields } from "./messaging-fields.ts";

const TELEGRAM_URL = "https://api.telegram.org";
const TOKEN = /^\d+:[\w-]{35,}$/;
const MAX_TOKEN_CHARS = 200;
const CHANNEL = /^@[A-Za-z]\w{3,31}$/;

const CHAT_REMEDY =
  "use the chat's id, an integer such as -1001234567890 without quotes, or a public channel's `@name`";

export const TelegramConfig = strict({
  token: z
    .string()
    .max(MAX_TOKEN_CHARS)
    .superRefine((text, ctx) => {
      const message = tokenProblem(text);
      if (message !== null) ctx.addIssue({ code: "custom", message });
    })
    .meta({ description: "The bot's token, `<digits>:<35 or more>`; answered masked" }),
  chatId: z
    .union([z.int({ error: CHAT_REMEDY }), z.string().regex(CHANNEL, { error: CHAT_REMEDY })], {
      error: CHAT_REMEDY,
    })
    .refine((id) => id !== 0, { error: CHAT_REMEDY })
    .meta({ description: "A chat's id, or a public channel's `@name`" }),
  baseUrl: z
    .string()
    .max(MAX_URL_CHARS)
    .superRefine((text, ctx) => {
      const message = baseProblem(text);
      if (message !== null) ctx.addIssue({ code: "custom", message });
    })
    .default(TELEGRAM_URL)
    .meta({ description: "What stands before `/bot<token>`: a Bot API server of your own" }),
  ...messagingFields,
});
export type TelegramConfig = z.infer<typeof TelegramConfig>;

function tokenProblem(text: string): string | null {
  if (text.includes(MASK)) return MASK_REMEDY;
  return TOKEN.test(text)
    ? null
    : "not a bot's token; use the one of @BotFather, `<digits>:<35 or more of A-Z a-z 0-9 _ ->`";
}

function baseProblem(text: string): string | null {
  const url = URL.parse(text);
  if (!url) return `not a URL; use ${TELEGRAM_URL}, or leave it out`;
  if (/[?#]/.test(text)) return "is what stands before `/bot<token>`; remove `?` and `#`";
  return url.protocol === "https:" || isLocalHttp(url)
    ? null
    : "the token is a part of the URL that is called: use https";
}
