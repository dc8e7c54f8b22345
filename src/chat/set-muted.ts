import type { ChatContext } from "./types.ts";

/** No notice is made for the asker of what is written here while they are away. */
export async function setMuted(
  _ctx: ChatContext,
  _input: { conversationId: string; isMuted: boolean },
): Promise<void> {
  throw new Error("not built");
}
