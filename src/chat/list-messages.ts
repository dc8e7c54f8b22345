import type { ChatContext, ListedMessage } from "./types.ts";

/** A page, cut from the newest; `before` and `after` are ids of messages. Since the asker has joined. */
export async function listMessages(
  _ctx: ChatContext,
  _input: {
    conversationId: string;
    limit: number;
    offset?: number;
    order?: "asc" | "desc";
    before?: string;
    after?: string;
  },
): Promise<ListedMessage[]> {
  throw new Error("not built");
}
