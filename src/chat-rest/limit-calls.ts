import { type ChatContext, ChatError } from "../chat/index.ts";
import { log } from "../log.ts";
import { CALL_RATE } from "./constants.ts";

/** Counts a call of a user, whatever it asks. Throws `rate_limited`, or `unavailable` when it cannot be counted. */
export async function limitCalls({
  rateLimits,
  user,
}: Pick<ChatContext, "rateLimits" | "user">): Promise<void> {
  const { allowed, retryAfterMs } = await rateLimits
    .getByName(`chat:calls:${user.organizationId}:${user.id}`)
    .take(CALL_RATE)
    .catch((error: unknown) => {
      log.error("chat_call_not_counted", { error });
      throw new ChatError("unavailable", "The call could not be counted; try again", 1);
    });
  if (allowed) return;
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  throw new ChatError("rate_limited", `Too many calls; try again in ${seconds} s`, seconds);
}
