import { eq } from "drizzle-orm";
import { kakaoMessages } from "../db/schema/kakao.ts";
import { log } from "../log.ts";
import { HOLD_MS, HOLD_POLL_MS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import { takeHeldAnswer } from "./held-answer.ts";
import { joinAnswers, takeLateAnswers } from "./late-answers.ts";
import { MAX_OUTPUTS } from "./response-limits.ts";
import { type SkillResponse, textResponse } from "./skill-response.ts";
import type { StoredMessage } from "./store-message.ts";
import { TEXTS } from "./texts.ts";

/**
 * Answers a request without a callback URL: waits for the agent's answer as long as Kakao lets a skill server take, else
 * says that it comes with the next message. Earlier answers that came too late go in front. Null when whoever asked has
 * gone: nothing is taken for nobody.
 */
export async function holdRequest(
  deps: Pick<KakaoDeps, "db">,
  conversationId: string,
  { id, isRepeat }: StoredMessage,
  { arrivedAt, signal }: { arrivedAt: number; signal: AbortSignal },
): Promise<SkillResponse | null> {
  const answer = await waitForAnswer(deps, id, isRepeat, { until: arrivedAt + HOLD_MS, signal });
  if (signal.aborted && !answer) return null;
  const last = answer ?? textResponse(TEXTS.answerComesLater);
  const room = MAX_OUTPUTS - last.template.outputs.length;
  const late = room > 0 ? await takeLate(deps, conversationId, room) : [];
  return joinAnswers(
    late.map(({ response }) => response),
    last,
  );
}

/** Never throws: the answer of this message may have been taken, and nobody else gives it then. */
async function takeLate(deps: Pick<KakaoDeps, "db">, conversationId: string, room: number) {
  try {
    return await takeLateAnswers(deps, conversationId, room);
  } catch (error) {
    log.warn("kakao_late_answers_not_read", { error });
    return [];
  }
}

/** Never throws: the message is stored, and its answer may come all the same. */
async function waitForAnswer(
  deps: Pick<KakaoDeps, "db">,
  messageId: string,
  isRepeat: boolean,
  { until, signal }: { until: number; signal: AbortSignal },
): Promise<SkillResponse | null> {
  let mayBeGiven = isRepeat;
  while (!signal.aborted) {
    // Looked at once more after the end: an answer of the last moment is not left lying.
    const isOver = Date.now() >= until;
    try {
      const answer = await takeHeldAnswer(deps, messageId);
      if (answer) return answer;
      // The first request may have taken it for a connection that was gone; this one too, without hearing of it.
      const given = mayBeGiven ? await readGivenAnswer(deps, messageId) : null;
      if (given) return given;
    } catch (error) {
      log.warn("kakao_answer_not_looked_up", { messageId, error });
      mayBeGiven = true;
    }
    if (isOver) return null;
    await new Promise((resolve) => {
      setTimeout(resolve, Math.min(HOLD_POLL_MS, Math.max(1, until - Date.now())));
    });
  }
  return null;
}

async function readGivenAnswer(
  { db }: Pick<KakaoDeps, "db">,
  messageId: string,
): Promise<SkillResponse | null> {
  const row = await db
    .select({ state: kakaoMessages.answerState, answer: kakaoMessages.answer })
    .from(kakaoMessages)
    .where(eq(kakaoMessages.id, messageId))
    .get();
  return row?.state === "given" && row.answer ? (JSON.parse(row.answer) as SkillResponse) : null;
}
