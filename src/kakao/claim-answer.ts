import { and, eq, isNull, sql } from "drizzle-orm";
import { kakaoMessages } from "../db/schema/kakao.ts";
import type { KakaoDeps } from "./deps.ts";
import type { AnswerState } from "./give-answers.ts";
import type { SkillResponse } from "./skill-response.ts";

type Db = Pick<KakaoDeps, "db">;
type Message = { id: string };

/** Makes it the message's one answer; false when it has one. Who answers has had the message. */
export async function claimAnswer(
  ctx: Db,
  message: Message,
  state: AnswerState,
  response: SkillResponse,
): Promise<boolean> {
  return (await claimingAnswer(ctx, message, state, response)).length > 0;
}

/** Statement that does it, and gives the message's id when it has. */
export function claimingAnswer(
  { db }: Db,
  { id }: Message,
  state: AnswerState,
  response: SkillResponse,
) {
  return db
    .update(kakaoMessages)
    .set({
      answerState: state,
      answer: JSON.stringify(response),
      status: sql`iif(status = 'queued', 'delivered', status)`,
      deliveredAt: sql`coalesce(delivered_at, ${Date.now()})`,
    })
    .where(and(eq(kakaoMessages.id, id), isNull(kakaoMessages.answerState)))
    .returning({ id: kakaoMessages.id });
}
