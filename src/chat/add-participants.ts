import type { ChatContext } from "./types.ts";

/** Adds users to a group; who is in it already is left out. */
export async function addParticipants(
  _ctx: ChatContext,
  _input: { conversationId: string; userIds: string[] },
): Promise<{ added: string[] }> {
  throw new Error("not built");
}
