import { eq } from "drizzle-orm";
import { kakaoMessages } from "../db/schema/kakao.ts";
import type { KakaoDeps } from "./deps.ts";
import { giveAnswers } from "./give-answers.ts";
import type { SkillResponse } from "./skill-response.ts";

/**
 * Takes the answer of a message whose request waits for it; null while there is none. Only one caller gets it: whoever
 * gets it must answer the request with it.
 */
export async function takeHeldAnswer(
  { db }: Pick<KakaoDeps, "db">,
  messageId: string,
): Promise<SkillResponse | null> {
  const { id, answerState } = kakaoMessages;
  const row = await db.select({ answerState }).from(kakaoMessages).where(eq(id, messageId)).get();
  if (row?.answerState !== "answered") return null;
  const [taken] = await giveAnswers(db, [messageId], ["answered"]);
  return taken?.answer ? (JSON.parse(taken.answer) as SkillResponse) : null;
}
