import { and, desc, eq, inArray, lt, or, sql } from "drizzle-orm";
import { kakaoMessages } from "../db/schema/kakao.ts";
import { HELD_GRACE_MS, MAX_LATE_ANSWERS } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import { type AnswerState, giveAnswers } from "./give-answers.ts";
import { MAX_OUTPUTS } from "./response-limits.ts";
import type { SkillResponse } from "./skill-response.ts";

type Db = Pick<KakaoDeps, "db">;

/** An answer that came too late for its own message. */
export type LateAnswer = { messageId: string; response: SkillResponse };

/**
 * Takes a conversation's late answers to give them now: the newest ones whose outputs have room together, oldest first.
 * The others stay for the message after this one. Each is taken once, and is on record as sent.
 */
export async function takeLateAnswers(
  ctx: Db,
  conversationId: string,
  room = MAX_OUTPUTS,
): Promise<LateAnswer[]> {
  const found = await findLateAnswers(ctx, conversationId, room);
  return found.length === 0 ? [] : await giveLateAnswers(ctx, found, ["late", "answered"]);
}

/** Claims them for a callback; `settleLateAnswers` says what became of it. */
export async function claimLateAnswers(
  ctx: Db,
  conversationId: string,
  room: number,
): Promise<LateAnswer[]> {
  const found = room > 0 ? await findLateAnswers(ctx, conversationId, room) : [];
  if (found.length === 0) return [];
  const claimed = await ctx.db
    .update(kakaoMessages)
    .set({ answerState: "sending" })
    .where(isOneOf(found, ["late", "answered"]))
    .returning({ id: kakaoMessages.id });
  return among(found, claimed);
}

/** They were given, or they wait for the next message. */
export async function settleLateAnswers(
  ctx: Db,
  claimed: readonly LateAnswer[],
  wereGiven: boolean,
): Promise<void> {
  if (claimed.length === 0) return;
  // The job may have taken them for a dead process's.
  if (wereGiven) return void (await giveLateAnswers(ctx, claimed, ["sending", "failed"]));
  await ctx.db
    .update(kakaoMessages)
    .set({ answerState: "late" })
    .where(isOneOf(claimed, ["sending", "failed"]));
}

/** Several answers as one, in their order; what is no output is the last one's. */
export function joinAnswers(first: readonly SkillResponse[], last: SkillResponse): SkillResponse {
  const outputs = [...first, last].flatMap(({ template }) => template.outputs);
  return { ...last, template: { ...last.template, outputs: outputs.slice(-MAX_OUTPUTS) } };
}

async function findLateAnswers(
  { db }: Db,
  conversationId: string,
  room: number,
): Promise<LateAnswer[]> {
  const { id, answer, answerState, createdAt, heldUntil } = kakaoMessages;
  const rows = await db
    .select({ id, answer })
    .from(kakaoMessages)
    .where(
      and(
        eq(kakaoMessages.conversationId, conversationId),
        // What an agent said after its user had gone to another one is for nobody.
        eq(
          kakaoMessages.accountId,
          sql`(SELECT account_id FROM kakao_conversations WHERE id = ${conversationId})`,
        ),
        or(
          eq(answerState, "late"),
          // Nobody came for it, and whoever should have said so is gone too.
          and(eq(answerState, "answered"), lt(heldUntil, Date.now() - HELD_GRACE_MS)),
        ),
      ),
    )
    .orderBy(desc(createdAt), desc(id))
    .limit(MAX_LATE_ANSWERS);
  const found: LateAnswer[] = [];
  let left = room;
  for (const row of rows) {
    const response = JSON.parse(row.answer ?? "null") as SkillResponse;
    left -= response.template.outputs.length;
    if (left < 0) break;
    found.unshift({ messageId: row.id, response });
  }
  return found;
}

/** In one transaction: who takes them, and the record of it. */
async function giveLateAnswers(
  { db }: Db,
  answers: readonly LateAnswer[],
  from: AnswerState[],
): Promise<LateAnswer[]> {
  const ids = answers.map(({ messageId }) => messageId);
  return among(answers, await giveAnswers(db, ids, from));
}

function isOneOf(answers: readonly LateAnswer[], states: AnswerState[]) {
  const ids = JSON.stringify(answers.map(({ messageId }) => messageId));
  return and(
    inArray(kakaoMessages.id, sql`(SELECT value FROM json_each(${ids}))`),
    inArray(kakaoMessages.answerState, states),
  );
}

function among(answers: readonly LateAnswer[], rows: { id: string }[]): LateAnswer[] {
  return answers.filter(({ messageId }) => rows.some(({ id }) => id === messageId));
}
