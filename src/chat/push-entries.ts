import { and, eq, lt } from "drizzle-orm";
import { chatConversations } from "../db/schema/chat.ts";
import { log } from "../log.ts";
import { loadPushState, type PushState } from "./push-state.ts";
import { type Told, tellRecipients } from "./tell-recipients.ts";
import type { PushDeps } from "./types.ts";

/**
 * Tells each participant each entry once and in order, whoever else does so at the same time. Null when the conversation
 * could not be read. Never throws: what could not be told, the job tells.
 */
export async function pushEntries(
  deps: PushDeps,
  conversationId: string,
): Promise<{ state: PushState; told: Told } | null> {
  try {
    const state = await loadPushState(deps.db, conversationId);
    if (!state) return null;
    const told = await tellRecipients(deps, state);
    await notePushed(deps, state, told);
    return { state, told };
  } catch (error) {
    log.error("chat_entries_not_pushed", { conversationId, error });
    return null;
  }
}

/** Notes that everybody was told; only forward, since a slower publisher may know of less. Never throws. */
export async function notePushed(
  { db }: Pick<PushDeps, "db">,
  { conversationId, lastSeq, pushedSeq }: PushState,
  { isComplete }: Told,
): Promise<void> {
  if (!isComplete || pushedSeq >= lastSeq) return;
  try {
    await db
      .update(chatConversations)
      .set({ pushedSeq: lastSeq })
      .where(
        and(eq(chatConversations.id, conversationId), lt(chatConversations.pushedSeq, lastSeq)),
      );
  } catch (error) {
    log.warn("chat_pushed_not_noted", { conversationId, error });
  }
}
