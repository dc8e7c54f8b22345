import { and, eq, inArray, sql } from "drizzle-orm";
import { sha256Hex } from "../crypto.ts";
import { kakaoConversations, kakaoMessages } from "../db/schema/kakao.ts";
import { HOLD_MS, REPEAT_BUCKET_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { SkillRequest } from "./read-skill-request.ts";
import type { PairedConversation } from "./upsert-conversation.ts";

export type NewMessage = {
  skill: SkillRequest;
  /** The request as it came, JSON. */
  payload: string;
  eventId: string | null;
  /** When the request came: Kakao's time limits begin there. */
  arrivedAt: number;
};

export type StoredMessage = {
  id: string;
  /** The request came before: this message is the first one's. */
  isRepeat: boolean;
};

/**
 * Stores what a user wrote, once however often Kakao sends it; null when the user has meanwhile been unpaired.
 */
export async function storeMessage(
  { db, kakao }: Pick<KakaoDeps, "db" | "kakao">,
  conversation: PairedConversation,
  { skill, payload, eventId, arrivedAt }: NewMessage,
): Promise<StoredMessage | null> {
  const { callbackUrl } = skill;
  const id = crypto.randomUUID();
  const heldUntil = arrivedAt + HOLD_MS;
  const [dedupKey, ...neighbours] = await dedupKeys(skill, payload, arrivedAt);
  const row = {
    id,
    organizationId: conversation.organizationId,
    sourceId: conversation.sourceId,
    accountId: conversation.accountId,
    conversationId: conversation.id,
    conversationKey: conversation.key,
    eventId,
    payload,
    text: skill.text,
    userId: skill.userKey,
    channelId: skill.channelId,
    dedupKey,
    callbackUrl,
    callbackUntil: callbackUrl === null ? null : arrivedAt + kakao.callbackTtlMs,
    heldUntil: callbackUrl === null ? heldUntil : null,
    status: "queued",
    deliveredAt: null,
    createdAt: arrivedAt,
    answerState: null,
    answer: null,
  } satisfies typeof kakaoMessages.$inferSelect;
  const { conversationId } = kakaoMessages;
  const keys = sql`(SELECT value FROM json_each(${JSON.stringify([dedupKey, ...neighbours])}))`;
  const isSame = and(eq(conversationId, conversation.id), inArray(kakaoMessages.dedupKey, keys));
  const isPaired = and(
    eq(kakaoConversations.id, conversation.id),
    eq(kakaoConversations.state, "paired"),
    eq(kakaoConversations.accountId, conversation.accountId),
  );
  const values = sql.join(
    Object.values(row).map((value) => sql`${value}`),
    sql`, `,
  );
  const [, , [stored]] = await db.batch([
    // The columns in the order of the table's: condition and insert must be one statement.
    db.insert(kakaoMessages).select(sql`
      SELECT ${values} FROM ${kakaoConversations}
      WHERE ${isPaired} AND NOT EXISTS (SELECT 1 FROM ${kakaoMessages} WHERE ${isSame})`),
    // A repeated request waits anew for an answer that nobody has taken.
    db
      .update(kakaoMessages)
      .set({ heldUntil: sql`max(${kakaoMessages.heldUntil}, ${heldUntil})` })
      .where(and(isSame, sql`held_until IS NOT NULL AND answer_state IS NULL`)),
    db.select({ id: kakaoMessages.id }).from(kakaoMessages).where(isSame).limit(1),
  ]);
  return stored ? { id: stored.id, isRepeat: stored.id !== id } : null;
}

/**
 * What a repeated request has in common with the first. Kakao makes a callback URL for one message only; without one,
 * requests with the same body are one when they come within some seconds: the key of these, and of those beside them.
 */
async function dedupKeys(
  { callbackUrl }: SkillRequest,
  payload: string,
  arrivedAt: number,
): Promise<[string, ...string[]]> {
  if (callbackUrl !== null) return [await sha256Hex(`callback ${callbackUrl}`)];
  const bucket = Math.floor(arrivedAt / REPEAT_BUCKET_MS);
  const keyOf = (at: number) => sha256Hex(`body ${at} ${payload}`);
  return Promise.all([keyOf(bucket), keyOf(bucket - 1), keyOf(bucket + 1)]);
}
