import { type ChatContext, createDirect, createGroup, MAX_TEMP_ID_CHARS } from "../chat/index.ts";
import type { Body } from "./read-body.ts";
import { fieldOf, invalid, optionalFieldOf, titleOf, userIdsOf } from "./read-fields.ts";

/** Finds or makes a direct conversation, or makes a group. All three fields of version 1 must be there. */
export async function createConversation(
  ctx: ChatContext,
  body: Body,
): Promise<{ conversationId: string }> {
  const wanted = { recipients: fieldOf(body, "recipientIdArr"), isGroup: fieldOf(body, "isGroup") };
  const title = titleOf(body);
  if (typeof wanted.isGroup !== "boolean") throw invalid("isGroup");
  const userIds = userIdsOf(body, "recipientIdArr").filter((id) => id !== ctx.user.id);
  if (!wanted.isGroup) {
    const [userId, ...others] = userIds;
    if (userId === undefined || others.length > 0) throw invalid("recipientIdArr");
    const { conversationId } = await createDirect(ctx, { userId });
    return { conversationId };
  }
  if (userIds.length < 2) throw invalid("recipientIdArr");
  if (title.trim() === "") throw invalid("title");
  const { conversationId } = await createGroup(ctx, { userIds, title, key: keyOf(ctx, body) });
  return { conversationId };
}

/** So that a repeat makes no second group. */
function keyOf({ version }: ChatContext, body: Body): string | undefined {
  const key = version === 1 ? undefined : optionalFieldOf(body, "tempConversationId");
  if (key === undefined) return undefined;
  if (typeof key === "string" && key !== "" && key.length <= MAX_TEMP_ID_CHARS) return key;
  throw invalid("tempConversationId", `give a text of 1 to ${MAX_TEMP_ID_CHARS} characters`);
}
