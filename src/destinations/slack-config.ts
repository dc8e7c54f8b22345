import { z } from "zod";
import { strict } from "../strict.ts";
import { MAX_URL_CHARS } from "./constants.ts";
import { isLocalHttp } from "./local-http.ts";
import { MASK, MASK_REMEDY } from "./mask.ts";
import { messagingFields } from "./messaging-fields.ts";

const SLACK_HOST = "hooks.slack.com";
const SLACK_PATH = /^\/services\/T[^/]+\/B[^/]+\/[^/]+$/;

export const SlackConfig = strict({
  url: z
    .string()
    .min(1)
    .max(MAX_URL_CHARS)
    .superRefine((text, ctx) => {
      const message = urlProblem(text);
      if (message !== null) ctx.addIssue({ code: "custom", message });
    })
    .meta({
      description: "`https://hooks.slack.com/services/T…/B…/…`: the credential; answered masked",
    }),
  showSender: z
    .boolean()
    .meta({
      description:
        "Adds who sent it to a message of a `slack` source, which else goes on as it came; other events always say it",
    })
    .optional(),
  ...messagingFields,
});
export type SlackConfig = z.infer<typeof SlackConfig>;

function urlProblem(text: string): string | null {
  const remedy = `use the webhook's URL, https://${SLACK_HOST}/services/T…/B…/…`;
  if (text.includes(MASK)) return MASK_REMEDY;
  const url = URL.parse(text);
  if (!url) return `not a URL; ${remedy}`;
  if (url.hostname === SLACK_HOST) {
    return url.protocol === "https:" && SLACK_PATH.test(url.pathname)
      ? null
      : `not an incoming webhook; ${remedy}`;
  }
  // Anything else stands in for Slack: a compatible server, or an emulator on this machine.
  return url.protocol === "https:" || isLocalHttp(url)
    ? null
    : `the URL is the credential: use https, ${remedy}`;
}
