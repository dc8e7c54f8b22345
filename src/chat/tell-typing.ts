import type { ChatContext } from "./types.ts";

/** Tells the other participants' connections (`broadcast` of a `Hint` as JSON). Kept nowhere. */
export async function tellTyping(
  _ctx: ChatContext,
  _input: { conversationId: string; isTyping: boolean },
): Promise<void> {
  throw new Error("not built");
}
