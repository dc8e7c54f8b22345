import { log } from "../log.ts";
import { CHANNELS_AT_ONCE, MAX_TOLD_OF_HINTS } from "./constants.ts";
import { eachAtOnce } from "./each-at-once.ts";
import { findListeners } from "./find-listeners.ts";
import { getConversation } from "./get-conversation.ts";
import { type ChatContext, type Hint, userTopic } from "./types.ts";

/**
 * Tells the connections of the other participants of a small group, by `broadcast` of a `Hint` as JSON; kept nowhere.
 * `conversation_not_found`.
 */
export async function tellTyping(
  ctx: ChatContext,
  { conversationId, isTyping }: { conversationId: string; isTyping: boolean },
): Promise<void> {
  const { channels, user } = ctx;
  const others = await findListeners(ctx, conversationId);
  // Nobody listens, or the asker is not in it.
  if (others.length === 0) await getConversation(ctx, { conversationId });
  if (others.length > MAX_TOLD_OF_HINTS) return;
  const hint: Hint = { type: "typing", conversationId, userId: user.id, isTyping };
  const texts = [JSON.stringify(hint)];
  await eachAtOnce(others, CHANNELS_AT_ONCE, async (userId) => {
    try {
      await channels.getByName(userTopic(user.organizationId, userId)).broadcast(texts);
    } catch (error) {
      log.debug("chat_typing_not_told", { conversationId, error });
    }
  });
}
