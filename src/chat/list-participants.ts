import type { ChatContext, Participant } from "./types.ts";

/** Who is in it, by the time they joined. */
export async function listParticipants(
  _ctx: ChatContext,
  _input: { conversationId: string },
): Promise<Participant[]> {
  throw new Error("not built");
}
