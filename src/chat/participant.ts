import { and, eq } from "drizzle-orm";
import { chatParticipants } from "../db/schema/chat.ts";
import type { ChatUser } from "./types.ts";

/** The row by which a user is in a conversation. */
export function isParticipant({ organizationId, id }: ChatUser, conversationId: string) {
  return and(
    eq(chatParticipants.conversationId, conversationId),
    eq(chatParticipants.userId, id),
    eq(chatParticipants.organizationId, organizationId),
  );
}
