import { type ChatContext, ChatError } from "../chat/index.ts";
import { findPage, selectSelf } from "./read-presence.ts";
import { selectFriends } from "./select-friends.ts";

/** The page that a friend, or the user, looks at; null: they are away. Throws `not_allowed` for one who is no friend. */
export async function readPresenceOf(
  ctx: ChatContext,
  userId: string,
): Promise<{ url: string; title: string } | null> {
  const isSelf = userId === ctx.user.id;
  const found = isSelf ? await selectSelf(ctx) : (await selectFriends(ctx, { only: userId }))[0];
  if (!found) {
    throw new ChatError("not_allowed", "Only of people that one shares a conversation with");
  }
  return findPage(ctx, found);
}
