import { toRfc3339 } from "../time.ts";
import { addEntry, isNotBlocked } from "./add-entry.ts";
import { ChatError } from "./chat-error.ts";
import { checkContent } from "./checks.ts";
import { MAX_TEMP_ID_CHARS } from "./constants.ts";
import { deriveId } from "./derive-id.ts";
import { conversationNotFound, explainRefusal } from "./explain-refusal.ts";
import type { ChatContext } from "./types.ts";

export type SendMessage = {
  conversationId: string;
  /** Not empty, and no longer than the version allows. */
  content: string;
  /** Any JSON value; unless it is empty, a repeat with the same one gives the first one's answer. */
  tempMessageId?: unknown;
};
export type SentMessage = {
  messageId: string;
  sentAt: string;
  /** Number of the sender's own push; null when it could not be told yet. */
  seq: number | null;
};

/**
 * Stores a message once and tells all participants. `conversation_not_found`, `blocked`, `content_too_long`,
 * `invalid_field`.
 */
export async function sendMessage(ctx: ChatContext, input: SendMessage): Promise<SentMessage> {
  const { conversationId } = input;
  const content = checkContent(ctx, input.content);
  const data = tempIdOf(input);
  const id = await messageId(ctx, conversationId, data);
  const entry = { conversationId, id, kind: "message", content, data } as const;
  const added = await addEntry(ctx, entry, isNotBlocked(ctx));
  if (added) return { messageId: id, sentAt: toRfc3339(added.at), seq: added.pushSeq };
  await explainRefusal(ctx, conversationId);
  throw conversationNotFound(conversationId);
}

/** As JSON. */
function tempIdOf({ tempMessageId = null }: SendMessage): string {
  const json = JSON.stringify(tempMessageId);
  if (json.length <= MAX_TEMP_ID_CHARS) return json;
  throw new ChatError(
    "invalid_field",
    `tempMessageId: may have ${MAX_TEMP_ID_CHARS} characters, as JSON.`,
  );
}

/** A sender's repeat is the same message; one who gives no `tempMessageId` writes a new one each time. */
async function messageId(
  { user }: ChatContext,
  conversationId: string,
  tempId: string,
): Promise<string> {
  if (tempId === "null" || tempId === '""') return crypto.randomUUID();
  return deriveId("message", user.organizationId, conversationId, user.id, tempId);
}
