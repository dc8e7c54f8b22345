import { z } from "zod";
import { strict } from "../strict.ts";
import { MAX_URL_CHARS } from "./constants.ts";
import { isLocalHttp } from "./local-http.ts";
import { MASK, MASK_REMEDY } from "./mask.ts";
import { messagingFields } from "./messaging-fields.ts";

const DISCORD_HOSTS = ["discord.com", "discordapp.com"];
const DISCORD_PATH = /^\/api(\/v\d+)?\/webhooks\/\d+\/[\w-]+$/;

export const DiscordConfig = strict({
  url: z
    .string()
    .max(MAX_URL_CHARS)
    .superRefine((text, ctx) => {
      const message = urlProblem(text);
      if (message !== null) ctx.addIssue({ code: "custom", message });
    })
    .meta({
      description:
        "`https://discord.com/api/webhooks/<id>/<token>`, `?thread_id=` for a thread: the credential; answered masked",
    }),
  ...messagingFields,
});
export type DiscordConfig = z.infer<typeof DiscordConfig>;

function urlProblem(text: string): string | null {
  const remedy = "use the webhook's URL, https://discord.com/api/webhooks/<id>/<token>";
  if (text.includes(MASK)) return MASK_REMEDY;
  const url = URL.parse(text);
  if (!url) return `not a URL; ${remedy}`;
  const isDiscord = DISCORD_HOSTS.includes(url.hostname) && url.port === "";
  if (isDiscord && url.protocol !== "https:")
    return `the URL is the credential: use https, ${remedy}`;
  if (!isDiscord && !isLocalHttp(url)) return `not at discord.com; ${remedy}`;
  // `/slack` and `/github` after the token take other vendors' messages, not Discord's.
  if (!DISCORD_PATH.test(url.pathname)) return `not a webhook of Discord; ${remedy}`;
  const others = [...url.searchParams.keys()].filter((name) => name !== "thread_id");
  if (others.length > 0 || url.hash !== "") {
    return "after the token only `?thread_id=<id>` may stand; remove the rest";
  }
  const threads = url.searchParams.getAll("thread_id");
  return threads.length > 1 || threads.some((id) => !/^\d+$/.test(id))
    ? "`thread_id` is one thread's id, digits alone; copy it in Discord by Copy Thread ID"
    : null;
}
