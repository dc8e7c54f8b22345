import { type ChatContext, ChatError } from "../chat/index.ts";
import { log } from "../log.ts";
import { SEND_RATE } from "./constants.ts";

/** Counts what a user sends on all connections. Throws `rate_limited`, which says when to go on. */
export async function limitSends({
  rateLimits,
  user,
}: Pick<ChatContext, "rateLimits" | "user">): Promise<void> {
  const taken = await rateLimits
    .getByName(`chat:sends:${user.organizationId}:${user.id}`)
    .take(SEND_RATE)
    .catch((error: unknown) => {
      // The connection has a limit of its own, so that this one need not cost a message.
      log.warn("chat_send_not_counted", { error });
      return null;
    });
  if (!taken || taken.allowed) return;
  const seconds = Math.max(1, Math.ceil(taken.retryAfterMs / 1000));
  throw new ChatError("rate_limited", `Too many messages; go on in ${seconds} s.`, seconds);
}
