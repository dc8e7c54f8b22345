import { eq, inArray } from "drizzle-orm";
import { beforeAll, expect, it } from "vitest";
import {
  kakaoCodes,
  kakaoMessages,
  kakaoReplies,
  kakaoSessions,
} from "../../src/db/schema/kakao.ts";
import { cleanUpKakao } from "../../src/kakao/index.ts";
import { waitFor } from "../support/wait-for.ts";
import { listen, makeChannel, openSession, pairUser, relay, statusOf } from "./kakao-support.ts";
import { bindings, control } from "./support.ts";

const SECOND = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND;

let sourceId: string;
let organizationId: string;
let accountId: string;
beforeAll(async () => {
  ({ sourceId, organizationId } = await makeChannel("kakao"));
  ({ accountId } = await pairUser("owner"));
});

const clean = (vars = {}) =>
  cleanUpKakao({ db: control, channels: bindings.CHANNEL }, { BASE_DOMAIN: "localhost", ...vars });

type Message = typeof kakaoMessages.$inferInsert;

async function makeMessage(ageMs: number, more: Partial<Message> = {}): Promise<string> {
  const id = crypto.randomUUID();
  await control.insert(kakaoMessages).values({
    id,
    organizationId,
    sourceId,
    accountId,
    conversationId: "conversation",
    conversationKey: "bot1:owner",
    payload: "{}",
    text: "hi",
    userId: "owner",
    channelId: "bot1",
    dedupKey: id,
    status: "delivered",
    createdAt: Date.now() - ageMs,
    ...more,
  });
  return id;
}

async function makeReply(ageMs: number, status: "pending" | "sent"): Promise<string> {
  const id = crypto.randomUUID();
  await control.insert(kakaoReplies).values({
    id,
    accountId,
    messageId: "message",
    conversationKey: "bot1:owner",
    response: "{}",
    status,
    createdAt: Date.now() - ageMs,
  });
  return id;
}

async function messages(...ids: string[]) {
  const rows = await control.select().from(kakaoMessages).where(inArray(kakaoMessages.id, ids));
  return ids.map((id) => rows.find((row) => row.id === id));
}

async function sessionOf(code: string) {
  const row = await control.select().from(kakaoCodes).where(eq(kakaoCodes.code, code)).get();
  return row?.sessionId ?? "";
}

const past = { expiresAt: 1 };

it("sessions whose user never came end, and their streams are told; others stay", async () => {
  const [over, open] = await Promise.all([openSession(), openSession()]);
  const id = await sessionOf(over.pairingCode);
  const hints = await listen("session", id);
  await control.update(kakaoSessions).set(past).where(eq(kakaoSessions.id, id));
  expect(await clean()).toMatchObject({ expiredSessions: 1 });
  await waitFor(() => hints.length > 0, { what: "the hint" });
  expect(hints).toEqual([{ kind: "code_expired", sessionId: id, reason: expect.any(String) }]);
  expect((await statusOf(over)).status).toBe(404);
  expect((await statusOf(open)).json).toEqual({ status: "pending_pairing" });
  expect(await clean()).toMatchObject({ expiredSessions: 0 });
});

it("codes that are over go; of a further one that nobody used the account's streams are told", async () => {
  const session = await pairUser("second-owner");
  const hints = await listen("account", session.accountId);
  const { json } = await relay("POST", `/v1/sessions/${session.sessionToken}/codes`);
  const code = String(json.pairingCode);
  await control
    .update(kakaoCodes)
    .set(past)
    .where(inArray(kakaoCodes.code, [code, session.pairingCode]));
  expect(await clean()).toMatchObject({ expiredCodes: 2 });
  await waitFor(() => hints.length > 0, { what: "the hint" });
  expect(hints).toMatchObject([{ kind: "code_expired" }]);
  expect(await sessionOf(code)).toBe("");
  expect((await statusOf(session)).json).toMatchObject({ status: "paired" });
});

it("messages wait for an agent as long as QUEUE_TTL_SECONDS says", async () => {
  const old = await makeMessage(61 * SECOND, { status: "queued" });
  const fresh = await makeMessage(50 * SECOND, { status: "queued" });
  const taken = await makeMessage(61 * SECOND);
  expect(await clean()).toMatchObject({ expiredMessages: 0 });
  expect(await clean({ QUEUE_TTL_SECONDS: "60" })).toMatchObject({ expiredMessages: 1 });
  expect((await messages(old, fresh, taken)).map((row) => row?.status)).toEqual([
    "expired",
    "queued",
    "delivered",
  ]);
});

it("answers whose process has died are failed, those that nobody took are late", async () => {
  const now = Date.now();
  const lost = { answerState: "sending", callbackUntil: now - 61 * SECOND } as const;
  const underWay = { answerState: "sending", callbackUntil: now - 5 * SECOND } as const;
  const untaken = { answerState: "answered", heldUntil: now - 5 * SECOND } as const;
  const waiting = { answerState: "answered", heldUntil: now + 5 * SECOND } as const;
  const ids: string[] = [];
  for (const more of [lost, underWay, untaken, waiting]) ids.push(await makeMessage(5, more));
  const dead = await makeReply(61 * SECOND, "pending");
  const alive = await makeReply(5 * SECOND, "pending");
  expect(await clean()).toMatchObject({ lostAnswers: 1, lateAnswers: 1 });
  expect((await messages(...ids)).map((row) => row?.answerState)).toEqual([
    "failed",
    "sending",
    "late",
    "answered",
  ]);
  const replies = await control
    .select()
    .from(kakaoReplies)
    .where(inArray(kakaoReplies.id, [dead, alive]));
  expect(replies.find(({ id }) => id === dead)).toMatchObject({
    status: "failed",
    errorMessage: expect.stringContaining("process"),
  });
  expect(replies.find(({ id }) => id === alive)?.status).toBe("pending");
});

it("messages and answers are kept for 7 days, ended sessions for one", async () => {
  const gone = await makeMessage(7 * DAY_MS + SECOND);
  const kept = await makeMessage(7 * DAY_MS - 60 * SECOND);
  const replies = [await makeReply(7 * DAY_MS + SECOND, "sent"), await makeReply(DAY_MS, "sent")];
  const ended = await openSession();
  const endedId = await sessionOf(ended.pairingCode);
  await control
    .update(kakaoSessions)
    .set({ status: "disconnected", updatedAt: Date.now() - DAY_MS - SECOND })
    .where(eq(kakaoSessions.id, endedId));
  expect(await clean()).toMatchObject({
    deletedMessages: 1,
    deletedReplies: 1,
    deletedSessions: 1,
  });
  expect((await messages(gone, kept)).map((row) => row?.id)).toEqual([undefined, kept]);
  const left = await control
    .select({ id: kakaoReplies.id })
    .from(kakaoReplies)
    .where(inArray(kakaoReplies.id, replies));
  expect(left).toEqual([{ id: replies[1] }]);
});

it("one run deletes in batches, and a bounded number", async () => {
  const row = { createdAt: Date.now() - 8 * DAY_MS };
  await control.run(`
    INSERT INTO kakao_replies (id, account_id, message_id, conversation_key, response, status, created_at)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5500)
    SELECT 'bulk-' || i, '${accountId}', 'm', 'k', '{}', 'sent', ${row.createdAt} FROM n`);
  expect(await clean()).toMatchObject({ deletedReplies: 5_000 });
  expect(await clean()).toMatchObject({ deletedReplies: 500 });
});

it("a variable that cannot be used is the job's failure, and says which", async () => {
  await expect(clean({ QUEUE_TTL_SECONDS: "soon" })).rejects.toThrow("QUEUE_TTL_SECONDS");
});
