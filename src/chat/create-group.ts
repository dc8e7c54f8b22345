import { blockedError, checkOthers, checkTitle } from "./checks.ts";
import { deriveId } from "./derive-id.ts";
import { type MadeConversation, makeConversation } from "./make-conversation.ts";
import type { ChatContext } from "./types.ts";

export type CreateGroup = {
  userIds: string[];
  title: string;
  /** The caller's own: a repeat with the same one gives the first one's answer. */
  key?: string;
};

/** Makes a group of the asker and others. `blocked`, `too_many_participants`, `invalid_field`. */
export async function createGroup(
  ctx: ChatContext,
  { userIds, key, ...input }: CreateGroup,
): Promise<MadeConversation> {
  const { user } = ctx;
  const title = checkTitle(input.title);
  const others = checkOthers(ctx, userIds);
  const id = key ? await deriveId("group", user.organizationId, user.id, key) : crypto.randomUUID();
  const participants = [user.id, ...others];
  const made = await makeConversation(ctx, { id, pairKey: null, title, participants });
  if (!made) throw blockedError();
  return made;
}
