import type { ChatContext, ListedConversation } from "./types.ts";

/** The newest first. Version 1: without a limit up to `MAX_CONVERSATIONS`, and only those with a message and another participant. `next`: what `before` takes for the following page. */
export async function listConversations(
  _ctx: ChatContext,
  _input: { isRead?: boolean; before?: string; limit?: number },
): Promise<{ items: ListedConversation[]; next: string | null }> {
  throw new Error("not built");
}
