import type { ChatContext } from "./types.ts";

/** Makes a group of the asker and others. A repeat with the same `key` gives the first one's answer. */
export async function createGroup(
  _ctx: ChatContext,
  _input: { userIds: string[]; title: string; key?: string },
): Promise<{ conversationId: string; isNew: boolean }> {
  throw new Error("not built");
}
