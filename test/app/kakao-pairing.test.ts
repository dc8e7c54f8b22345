import { eq, inArray } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  kakaoAccounts,
  kakaoCodes,
  kakaoConversations,
  kakaoSessions,
} from "../../src/db/schema/kakao.ts";
import { MAX_WRONG_CODES } from "../../src/kakao/constants.ts";
import { TEXTS } from "../../src/kakao/texts.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  listen,
  makeChannel,
  openSession,
  pairUser,
  relayWith,
  say,
  skillRequest,
  statusOf,
  textOf,
} from "./kakao-support.ts";
import { bindings, control } from "./support.ts";

/*
 * One code pairs one user, a user has one agent, and account, session and conversation change together or not at all.
 */

beforeAll(async () => {
  await makeChannel("kakao");
});

const WRONG = "/pair AAAA-AAAA";
const pair = async (user: string, code: string) => textOf(await say(user, `/pair ${code}`));

async function conversationsOf(...users: string[]) {
  return control
    .select()
    .from(kakaoConversations)
    .where(inArray(kakaoConversations.userKey, users));
}

/** Accounts that no session leads to: there must never be one. */
async function strayAccounts() {
  const sessions = await control.select().from(kakaoSessions);
  const accounts = await control.select().from(kakaoAccounts);
  return accounts.filter(({ id }) => !sessions.some(({ accountId }) => accountId === id));
}

describe("a code", () => {
  it("is read trimmed and in any case, but with its dash", async () => {
    const { pairingCode } = await openSession();
    expect(await pair("typist", pairingCode.replace("-", ""))).toBe(TEXTS.badCode);
    expect(await pair("typist", `  ${pairingCode.toLowerCase()} `)).toBe(TEXTS.paired);
  });

  it("pairs the user, tells the session's streams, and is used up", async () => {
    const session = await openSession();
    const hints = await listen("session", await idOf(session.pairingCode));
    expect(await pair("one", session.pairingCode)).toBe(TEXTS.paired);
    const { json } = await statusOf(session);
    await waitFor(() => hints.length > 0, { what: "the hint" });
    expect(hints).toEqual([
      {
        kind: "paired",
        accountId: json.accountId,
        conversationKey: "bot1:one",
        userId: "one",
        pairedAt: Date.parse(String(json.pairedAt)),
      },
    ]);
    expect(await pair("two", session.pairingCode)).toBe(TEXTS.badCode);
    expect(await pair("one", session.pairingCode)).toBe(TEXTS.alreadyPaired);
  });

  it("of a session that is over, or that was disconnected, is wrong", async () => {
    const late = await openSession();
    await control
      .update(kakaoCodes)
      .set({ expiresAt: Date.now() - 1 })
      .where(eq(kakaoCodes.code, late.pairingCode));
    expect(await pair("late", late.pairingCode)).toBe(TEXTS.badCode);
    for (const status of ["expired", "disconnected"] as const) {
      const ended = await openSession();
      const id = await idOf(ended.pairingCode);
      await control.update(kakaoSessions).set({ status }).where(eq(kakaoSessions.id, id));
      expect(await pair("late", ended.pairingCode)).toBe(TEXTS.badCode);
    }
  });

  it("used by ten users at once pairs one of them", async () => {
    const session = await openSession();
    const users = Array.from({ length: 10 }, (_, n) => `racer-${n}`);
    const texts = await Promise.all(users.map((user) => pair(user, session.pairingCode)));
    expect(texts.filter((text) => text === TEXTS.paired)).toHaveLength(1);
    expect(texts.filter((text) => text === TEXTS.badCode)).toHaveLength(9);
    const { accountId, kakaoUserId } = (await statusOf(session)).json;
    const paired = (await conversationsOf(...users)).filter(({ state }) => state === "paired");
    expect(paired).toMatchObject([{ userKey: kakaoUserId, accountId }]);
    expect(await strayAccounts()).toEqual([]);
  });

  it("two codes used by one user at once: one pairs, the other can still be used", async () => {
    const [a, b] = await Promise.all([openSession(), openSession()]);
    const texts = await Promise.all([a, b].map(({ pairingCode }) => pair("greedy", pairingCode)));
    expect(texts.filter((text) => text === TEXTS.paired)).toHaveLength(1);
    const states = await Promise.all([a, b].map(async (one) => (await statusOf(one)).json.status));
    expect(states.map(String).toSorted()).toEqual(["paired", "pending_pairing"]);
    const free = states[0] === "paired" ? b : a;
    expect(await pair("modest", free.pairingCode)).toBe(TEXTS.paired);
    expect(await strayAccounts()).toEqual([]);
  });

  it("a user who pairs twice at once with one code is paired once", async () => {
    const session = await openSession();
    const texts = await Promise.all(
      Array.from({ length: 4 }, () => pair("hasty", session.pairingCode)),
    );
    expect(texts.filter((text) => text === TEXTS.paired)).toHaveLength(1);
    expect(await strayAccounts()).toEqual([]);
  });

  it("two users with two codes of one session at once are of one account", async () => {
    const session = await openSession();
    const { json } = await relayWith({}, "POST", `/v1/sessions/${session.sessionToken}/codes`);
    const texts = await Promise.all([
      pair("both-a", session.pairingCode),
      pair("both-b", String(json.pairingCode)),
    ]);
    expect(texts).toEqual([TEXTS.paired, TEXTS.paired]);
    const { accountId } = (await statusOf(session)).json;
    expect((await conversationsOf("both-a", "both-b")).map((row) => row.accountId)).toEqual([
      accountId,
      accountId,
    ]);
    expect(await strayAccounts()).toEqual([]);
  });

  it("a database that fails in the middle changes nothing, and the code can be used again", async () => {
    const session = await openSession();
    const DB = failingBatch(/update "kakao_conversations" set "state"/);
    const request = skillRequest("unlucky", `/pair ${session.pairingCode}`);
    const answer = await relayWith({ DB }, "POST", "/kakao/webhook", request);
    expect([answer.status, textOf(answer)]).toEqual([200, TEXTS.pairFailed]);
    expect((await statusOf(session)).json).toEqual({ status: "pending_pairing" });
    expect(await strayAccounts()).toEqual([]);
    expect(await pair("unlucky", session.pairingCode)).toBe(TEXTS.paired);
  });

  it("after /unpair a new one makes another account, and the old session stays as it was", async () => {
    const first = await pairUser("mover");
    await say("mover", "/unpair");
    const second = await pairUser("mover");
    expect(second.accountId).not.toBe(first.accountId);
    expect((await statusOf(first)).json).toMatchObject({
      status: "paired",
      accountId: first.accountId,
    });
  });

  it("a user whose account was deleted is a stranger, and may pair again", async () => {
    const { accountId } = await pairUser("orphan");
    await control.delete(kakaoAccounts).where(eq(kakaoAccounts.id, accountId));
    expect(textOf(await say("orphan", "안녕"))).toBe(TEXTS.unpaired);
    expect(textOf(await say("orphan", "/status"))).toBe(TEXTS.statusUnpaired);
    const session = await openSession();
    expect(await pair("orphan", session.pairingCode)).toBe(TEXTS.paired);
  });
});

describe("guessing", () => {
  it("after five wrong codes none is looked at for the rest of ten minutes", async () => {
    const { pairingCode } = await openSession();
    const texts: string[] = [];
    for (let n = 0; n < MAX_WRONG_CODES; n++) texts.push(textOf(await say("guesser", WRONG)));
    expect(new Set(texts)).toEqual(new Set([TEXTS.badCode]));
    expect(await pair("guesser", pairingCode)).toBe(TEXTS.tooManyCodes(10));
    expect(await pair("another", pairingCode)).toBe(TEXTS.paired);
    await control
      .update(kakaoConversations)
      .set({ wrongCodesSince: Date.now() - 10 * 60_000 })
      .where(eq(kakaoConversations.userKey, "guesser"));
    expect(textOf(await say("guesser", WRONG))).toBe(TEXTS.badCode);
    const next = await openSession();
    expect(await pair("guesser", next.pairingCode)).toBe(TEXTS.paired);
    expect(await conversationsOf("guesser")).toMatchObject([
      { wrongCodes: 0, wrongCodesSince: null },
    ]);
  });

  it("twenty at once are five", async () => {
    const texts = await Promise.all(
      Array.from({ length: 20 }, async () => textOf(await say("swarm", WRONG))),
    );
    expect(texts.filter((text) => text === TEXTS.badCode)).toHaveLength(MAX_WRONG_CODES);
  });
});

async function idOf(code: string): Promise<string> {
  const row = await control.select().from(kakaoCodes).where(eq(kakaoCodes.code, code)).get();
  return row?.sessionId ?? "";
}

/** The control database, whose batches fail at the statement that matches: everything in them is undone. */
function failingBatch(pattern: RegExp): D1Database {
  return {
    prepare: (query: string) =>
      bindings.DB.prepare(
        pattern.test(query) ? query.replace(pattern, 'update "no_such_table" set "state"') : query,
      ),
    batch: (statements: D1PreparedStatement[]) => bindings.DB.batch(statements),
  } as D1Database;
}
