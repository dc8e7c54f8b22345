import { and, inArray, sql } from "drizzle-orm";
import { kakaoMessages, kakaoReplies } from "../db/schema/kakao.ts";
import type { KakaoDeps } from "./deps.ts";

export type AnswerState = NonNullable<typeof kakaoMessages.$inferSelect.answerState>;

/**
 * Takes answers of messages to hand them over without a callback, and puts that on record. Of several callers one gets
 * each of them.
 */
export async function giveAnswers(
  db: KakaoDeps["db"],
  messageIds: readonly string[],
  from: AnswerState[],
): Promise<{ id: string; answer: string | null }[]> {
  const now = Date.now();
  const ids = JSON.stringify(messageIds);
  const replies = JSON.stringify(messageIds.map((id) => ({ id, reply: crypto.randomUUID() })));
  const [, given] = await db.batch([
    // Raw for the ids that are made here.
    db.insert(kakaoReplies).select(
      sql`SELECT j.value ->> 'reply', m.account_id, m.id, m.conversation_key, m.answer, 'sent', NULL, ${now}, ${now}
        FROM json_each(${replies}) AS j JOIN ${kakaoMessages} AS m ON m.id = j.value ->> 'id'
        WHERE m.answer_state IN (SELECT value FROM json_each(${JSON.stringify(from)}))`,
    ),
    db
      .update(kakaoMessages)
      .set({ answerState: "given" })
      .where(
        and(
          inArray(kakaoMessages.id, sql`(SELECT value FROM json_each(${ids}))`),
          inArray(kakaoMessages.answerState, from),
        ),
      )
      .returning({ id: kakaoMessages.id, answer: kakaoMessages.answer }),
  ]);
  return given;
}
