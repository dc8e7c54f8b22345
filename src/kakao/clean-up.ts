import { sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { kakaoMessages, kakaoReplies, kakaoSessions } from "../db/schema/kakao.ts";
import {
  CLEAN_BATCH_ROWS,
  ENDED_SESSION_RETENTION_MS,
  HELD_GRACE_MS,
  MAX_CLEANED_ROWS,
  MESSAGE_RETENTION_MS,
  SENDING_TIMEOUT_MS,
} from "./constants.ts";
import { expireCodes } from "./expire-codes.ts";
import { expireSessions } from "./expire-sessions.ts";
import { type KakaoVars, readKakaoSettings } from "./settings.ts";

type Cleaning = Pick<Deps, "db" | "channels">;

/** How far back the job looks for answers whose process has died: it runs every few minutes. */
const LOOK_BACK_MS = 24 * 60 * 60_000;

/**
 * Ends what has outlived its time: codes and sessions without a user (their streams are told), messages that no agent
 * came for, answers whose process has died; and deletes what is older than 7 days. A bounded number of rows a run; the
 * next run takes the rest. Throws `BadKakaoVar` for a variable that cannot be used.
 */
export async function cleanUpKakao(
  deps: Cleaning,
  vars: KakaoVars,
): Promise<Record<string, number>> {
  const { queueTtlMs } = readKakaoSettings(vars);
  const now = Date.now();
  return {
    expiredSessions: await expireSessions(deps, now),
    expiredCodes: await expireCodes(deps, now),
    expiredMessages: await expireMessages(deps, now - queueTtlMs),
    ...(await settleLostAnswers(deps, now)),
    deletedSessions: await deleteSessions(deps, now - ENDED_SESSION_RETENTION_MS),
    deletedMessages: await deleteMessages(deps, now - MESSAGE_RETENTION_MS),
    deletedReplies: await deleteReplies(deps, now - MESSAGE_RETENTION_MS),
  };
}

function expireMessages({ db }: Cleaning, limit: number): Promise<number> {
  return inBatches(async () => {
    const { meta } = await db.run(sql`
      UPDATE ${kakaoMessages} SET status = 'expired' WHERE id IN (
        SELECT id FROM ${kakaoMessages} WHERE status = 'queued' AND created_at <= ${limit}
        LIMIT ${CLEAN_BATCH_ROWS})`);
    return meta.changes;
  });
}

/**
 * A callback begins while its URL is good and takes seconds, so one that is still under way a minute after that has lost
 * its process: nobody knows whether Kakao has got it. An answer that its waiting request never took is a late one.
 */
async function settleLostAnswers({ db }: Cleaning, now: number) {
  const since = now - LOOK_BACK_MS;
  const interrupted = "The process that sent it ended; Kakao may have got it";
  const isRecent = sql`created_at > ${since}`;
  const isLost = sql`answer_state = 'sending' AND ${isRecent}
    AND coalesce(callback_until, held_until, created_at) < ${now - SENDING_TIMEOUT_MS}`;
  const [, failed, late] = await db.batch([
    db
      .update(kakaoReplies)
      .set({ status: "failed", errorMessage: interrupted })
      .where(sql`
      ${isRecent} AND status = 'pending' AND created_at < ${now - SENDING_TIMEOUT_MS}`),
    db.update(kakaoMessages).set({ answerState: "failed" }).where(isLost),
    db
      .update(kakaoMessages)
      .set({ answerState: "late" })
      .where(sql`
      answer_state = 'answered' AND ${isRecent} AND held_until < ${now - HELD_GRACE_MS}`),
  ]);
  return { lostAnswers: failed.meta.changes, lateAnswers: late.meta.changes };
}

function deleteSessions({ db }: Cleaning, limit: number): Promise<number> {
  // `<> 'paired'` lets the partial index be used. Rows, because D1 counts their codes, which go with them, as changes.
  return inBatches(async () => {
    const deleted = await db.all(sql`
      DELETE FROM ${kakaoSessions} WHERE id IN (
        SELECT id FROM ${kakaoSessions}
        WHERE status <> 'paired' AND status IN ('expired', 'disconnected') AND updated_at < ${limit}
        LIMIT ${CLEAN_BATCH_ROWS})
      RETURNING id`);
    return deleted.length;
  });
}

function deleteMessages({ db }: Cleaning, limit: number): Promise<number> {
  return inBatches(async () => {
    const { meta } = await db.run(sql`
      DELETE FROM ${kakaoMessages} WHERE id IN (
        SELECT id FROM ${kakaoMessages} WHERE created_at < ${limit} LIMIT ${CLEAN_BATCH_ROWS})`);
    return meta.changes;
  });
}

function deleteReplies({ db }: Cleaning, limit: number): Promise<number> {
  return inBatches(async () => {
    const { meta } = await db.run(sql`
      DELETE FROM ${kakaoReplies} WHERE id IN (
        SELECT id FROM ${kakaoReplies} WHERE created_at < ${limit} LIMIT ${CLEAN_BATCH_ROWS})`);
    return meta.changes;
  });
}

/** Runs a bounded statement until it finds nothing more, or enough for one run. A long one would hold up every insert. */
async function inBatches(run: () => Promise<number>): Promise<number> {
  let changed = 0;
  while (changed < MAX_CLEANED_ROWS) {
    const some = await run();
    changed += some;
    if (some < CLEAN_BATCH_ROWS) break;
  }
  return changed;
}
