import { eq, sql } from "drizzle-orm";
import { kakaoMessages, kakaoReplies } from "../db/schema/kakao.ts";
import { log } from "../log.ts";
import type { Answered } from "./answer-message.ts";
import { claimingAnswer } from "./claim-answer.ts";
import type { KakaoDeps } from "./deps.ts";
import {
  claimLateAnswers,
  joinAnswers,
  type LateAnswer,
  settleLateAnswers,
} from "./late-answers.ts";
import { postCallback } from "./post-callback.ts";
import { MAX_OUTPUTS } from "./response-limits.ts";
import type { SkillResponse } from "./skill-response.ts";

type Ctx = Pick<KakaoDeps, "db" | "kakao" | "settings">;
type Message = typeof kakaoMessages.$inferSelect;

/** Calls the callback URL, once. Late answers of the conversation go in front, where there is room. */
export async function sendAnswer(
  ctx: Ctx,
  message: Message,
  callbackUrl: string,
  response: SkillResponse,
): Promise<Answered> {
  const replyId = crypto.randomUUID();
  if (!(await beginSending(ctx, message, replyId, response))) return { kind: "already_replied" };
  const late = await claimLate(ctx, message, response);
  const joined = joinAnswers(
    late.map((each) => each.response),
    response,
  );
  const outcome = await postCallback(ctx, callbackUrl, joined);
  const at = Date.now();
  await record(ctx, message, replyId, late, outcome.ok ? { at } : outcome);
  return outcome.ok ? { kind: "sent", at } : { kind: "callback_failed", reason: outcome.reason };
}

/** On record before the call: whoever dies in between must not send it twice. */
async function beginSending(
  ctx: Ctx,
  message: Message,
  replyId: string,
  response: SkillResponse,
): Promise<boolean> {
  const { id, accountId, conversationKey } = message;
  const [claimed] = await ctx.db.batch([
    claimingAnswer(ctx, message, "sending", response),
    // Raw for its condition: only who has just claimed the answer is on record with it.
    ctx.db
      .insert(kakaoReplies)
      .select(
        sql`SELECT ${replyId}, ${accountId}, ${id}, ${conversationKey}, ${JSON.stringify(response)}, 'pending', NULL, ${Date.now()}, NULL WHERE changes() > 0`,
      ),
  ]);
  return claimed.length > 0;
}

/** Never throws: this answer goes without them then. */
async function claimLate(ctx: Ctx, { conversationId }: Message, response: SkillResponse) {
  try {
    const room = MAX_OUTPUTS - response.template.outputs.length;
    return await claimLateAnswers(ctx, conversationId, room);
  } catch (error) {
    log.warn("kakao_late_answers_not_read", { error });
    return [];
  }
}

type Recorded = { at: number } | { reason: string; wasCalled: boolean };

/** Never throws: what is not written is taken for a dead process's, and Kakao has had the answer or not all the same. */
async function record(
  ctx: Ctx,
  { id }: Message,
  replyId: string,
  late: readonly LateAnswer[],
  outcome: Recorded,
): Promise<void> {
  const wasSent = "at" in outcome;
  // Of an answer that reached nobody another one may be given.
  const state = wasSent ? "sent" : outcome.wasCalled ? "failed" : null;
  try {
    await ctx.db.batch([
      ctx.db.update(kakaoMessages).set({ answerState: state }).where(eq(kakaoMessages.id, id)),
      ctx.db
        .update(kakaoReplies)
        .set(
          wasSent
            ? { status: "sent", sentAt: outcome.at, errorMessage: null }
            : { status: "failed", errorMessage: outcome.reason },
        )
        .where(eq(kakaoReplies.id, replyId)),
    ]);
    await settleLateAnswers(ctx, late, wasSent);
  } catch (error) {
    log.error("kakao_answer_not_recorded", { messageId: id, wasSent, error });
  }
}
