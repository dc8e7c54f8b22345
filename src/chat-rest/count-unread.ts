import type { ChatContext } from "../chat/index.ts";

/** Conversations with something unread. */
export async function countUnread(_ctx: ChatContext): Promise<number> {
  return 0;
}
