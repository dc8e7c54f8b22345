import { and, eq } from "drizzle-orm";
import { kakaoMessages } from "../db/schema/kakao.ts";
import { checkResponse } from "./check-response.ts";
import { claimAnswer } from "./claim-answer.ts";
import { HELD_GRACE_MS, HELD_POLL_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { AnswerState } from "./give-answers.ts";
import { sendAnswer } from "./send-answer.ts";
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
    const isKept = await claimAnswer(ctx, message, "late", checked.response);
    return isKept ? { kind: "too_late", kept: true } : { kind: "already_replied" };
  }
  if (response === undefined) return { kind: "no_response" };
  if ("problem" in checked) return { kind: "bad_response", problem: checked.problem };
  return callbackUrl === null
    ? await giveToHeld(ctx, message, checked.response)
    : await sendAnswer(ctx, message, callbackUrl, checked.response);
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

/** The request that waits takes it; a success only when it has. */
async function giveToHeld(ctx: Ctx, message: Message, response: SkillResponse): Promise<Answered> {
  if (!(await claimAnswer(ctx, message, "answered", response))) return { kind: "already_replied" };
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
