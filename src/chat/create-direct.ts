import { ChatError } from "./chat-error.ts";
import { blockedError, checkUserId } from "./checks.ts";
import { type MadeConversation, makeConversation } from "./make-conversation.ts";
import { pairKey } from "./pair-key.ts";
import type { ChatContext } from "./types.ts";

/** Finds or makes the one conversation with a user, who need not have signed in yet. `blocked`, `invalid_field`. */
export async function createDirect(
  ctx: ChatContext,
  input: { userId: string },
): Promise<MadeConversation> {
  const { id } = ctx.user;
  const other = checkUserId(input.userId);
  if (other === id) throw new ChatError("invalid_field", "userId: name another user.");
  const made = await makeConversation(ctx, {
    id: crypto.randomUUID(),
    pairKey: pairKey(id, other),
    title: "",
    participants: [id, other],
  });
  if (!made) throw blockedError();
  return made;
}
