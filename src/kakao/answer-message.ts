import { and, eq, isNull, sql } from "drizzle-orm";
import { kakaoMessages, kakaoReplies } from "../db/schema/kakao.ts";
import { log } from "../log.ts";
import { checkResponse } from "./check-response.ts";
import { HELD_GRACE_MS, HELD_POLL_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { AnswerState } from "./give-answers.ts";
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

export type Answered =
  | { kind: "sent"; at: number }
  | { kind: "unknown_message" | "already_replied" | "no_response" }
  /** `kept`: it goes with the user's next message; else what Kakao would refuse. */
  | { kind: "too_late"; kept: true }
  | { kind: "too_late"; kept: false; problem: string }
  | { kind: "bad_response"; problem: string }
  | { kind: "callback_failed"; reason: string };

/** Hands an agent's answer to the user whose message it answers: once, however often it comes. */
export async function answerMessage(
  ctx: Ctx,
  accountId: string,
  { messageId, response }: { messageId: string; response: unknown },
): Promise<Answered> {
  const message = await findMessage(ctx, accountId, messageId);
  if (!message) return { kind: "unknown_message" };
  if (message.answerState !== null) return { kind: "already_replied" };
  const checked = checkResponse(response);
  const now = Date.now();
  const callbackUrl = (message.callbackUntil ?? 0) > now ? message.callbackUrl : null;
  const isHeld = message.callbackUrl === null && (message.heldUntil ?? 0) > now;
  if (callbackUrl === null && !isHeld) {
    if ("problem" in checked) return { kind: "too_late", kept: false, problem: checked.problem };
    const isKept = await claim(ctx, message, "late", checked.response);
    return isKept ? { kind: "too_late", kept: true } : { kind: "already_replied" };
  }
  if (response === undefined) return { kind: "no_response" };
  if ("problem" in checked) return { kind: "bad_response", problem: checked.problem };
  return callbackUrl === null
    ? await giveToHeld(ctx, message, checked.response)
    : await sendToKakao(ctx, message, callbackUrl, checked.response);
}

async function findMessage(
  { db }: Ctx,
  accountId: string,
  id: string,
): Promise<Message | undefined> {
  return await db
    .select()
    .from(kakaoMessages)
    .where(and(eq(kakaoMessages.id, id), eq(kakaoMessages.accountId, accountId)))
    .get();
}

/** Makes it the message's one answer; false when it has one. Who answers has had the message. */
async function claim(
  ctx: Ctx,
  message: Message,
  state: AnswerState,
  response: SkillResponse,
): Promise<boolean> {
  return (await claiming(ctx, message, state, response)).length > 0;
}

function claiming({ db }: Ctx, { id }: Message, state: AnswerState, response: SkillResponse) {
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

/** The request that waits takes it; a success only when it has. */
async function giveToHeld(ctx: Ctx, message: Message, response: SkillResponse): Promise<Answered> {
  if (!(await claim(ctx, message, "answered", response))) return { kind: "already_replied" };
  const until = (message.heldUntil ?? 0) + HELD_GRACE_MS;
  while (Date.now() < until) {
    await scheduler.wait(HELD_POLL_MS);
    if ((await stateOf(ctx, message)) === "given") return { kind: "sent", at: Date.now() };
  }
  const tooLate = await move(ctx, message, "answered", "late");
  return tooLate ? { kind: "too_late", kept: true } : { kind: "sent", at: Date.now() };
}

async function stateOf({ db }: Ctx, { id }: Message): Promise<AnswerState | null | undefined> {
  const { answerState } = kakaoMessages;
  const row = await db
    .select({ answerState })
    .from(kakaoMessages)
    .where(eq(kakaoMessages.id, id))
    .get();
  return row?.answerState;
}

async function move(
  { db }: Ctx,
  { id }: Message,
  from: AnswerState,
  to: AnswerState | null,
): Promise<boolean> {
  const moved = await db
    .update(kakaoMessages)
    .set({ answerState: to })
    .where(and(eq(kakaoMessages.id, id), eq(kakaoMessages.answerState, from)))
    .returning({ id: kakaoMessages.id });
  return moved.length > 0;
}

/** Late answers of the conversation go in front, where there is room. */
async function sendToKakao(
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
    claiming(ctx, message, "sending", response),
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
