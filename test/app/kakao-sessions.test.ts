import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  kakaoAccounts,
  kakaoCodes,
  kakaoConversations,
  kakaoSessions,
} from "../../src/db/schema/kakao.ts";
import { hashToken } from "../../src/kakao/tokens.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  listen,
  makeChannel,
  newAddress,
  openSession,
  pairUser,
  relay,
  relayWith,
  say,
  statusOf,
  textOf,
} from "./kakao-support.ts";
import { bindings, control } from "./support.ts";

const CODE = /^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const UNKNOWN = "0".repeat(64);

beforeAll(async () => {
  await makeChannel("kakao");
});

async function rowOf({ sessionToken }: { sessionToken: string }) {
  const hash = await hashToken(sessionToken);
  const row = await control
    .select()
    .from(kakaoSessions)
    .where(eq(kakaoSessions.tokenHash, hash))
    .get();
  if (!row) throw new Error("no such session");
  return row;
}

/** Moves a session's end and its codes' to the past. */
async function letExpire(session: { sessionToken: string }): Promise<string> {
  const { id } = await rowOf(session);
  const past = { expiresAt: Date.now() - 1 };
  await control.update(kakaoSessions).set(past).where(eq(kakaoSessions.id, id));
  await control.update(kakaoCodes).set(past).where(eq(kakaoCodes.sessionId, id));
  return id;
}

async function accountOf(userKey: string): Promise<string | null | undefined> {
  const isUser = eq(kakaoConversations.userKey, userKey);
  return (await control.select().from(kakaoConversations).where(isUser).get())?.accountId;
}

describe("POST /v1/sessions/create", () => {
  it("opens a session; of its token only the hash is stored", async () => {
    for (const body of [undefined, "", {}, "no JSON"]) {
      const { status, json, text, headers } = await relay("POST", "/v1/sessions/create", body);
      expect(status).toBe(200);
      expect(json).toEqual({
        sessionToken: expect.stringMatching(/^[0-9a-f]{64}$/),
        pairingCode: expect.stringMatching(CODE),
        expiresIn: 300,
        status: "pending_pairing",
      });
      expect(text).toMatch(/^[^\n]+\n$/);
      expect(headers.get("content-type")).toBe("application/json");
      const row = await rowOf(json as never);
      expect(JSON.stringify(row)).not.toContain(json.sessionToken);
    }
  });

  it("takes 10 of one address in 5 minutes, and says how long to wait", async () => {
    const address = newAddress();
    const create = (more = {}) => relay("POST", "/v1/sessions/create", {}, { ...address, ...more });
    const answers = await Promise.all(Array.from({ length: 12 }, () => create()));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 10 }, () => 200),
      429,
      429,
    ]);
    const refused = await create();
    expect(refused.json.error).toBe("Too many requests. Please try again later.");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(200);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(300);
    expect(refused.headers.get("x-ratelimit-limit")).toBeNull();
    expect((await relay("POST", "/v1/sessions/create")).status).toBe(200);
  });

  it("no header that anybody can set makes another address of one, but in a local session", async () => {
    const address = newAddress();
    const create = (BASE_DOMAIN: string, n: number) =>
      relayWith({ BASE_DOMAIN }, "POST", "/v1/sessions/create", "", {
        ...address,
        "x-forwarded-for": `192.0.2.${n}`,
        "x-real-ip": `192.0.2.${n}`,
        "true-client-ip": `192.0.2.${n}`,
      });
    for (let n = 0; n < 10; n++) expect((await create("example.com", n)).status).toBe(200);
    expect((await create("example.com", 10)).status).toBe(429);
    expect((await create("localhost", 11)).status).toBe(200);
  });

  it.each([
    ["", "DEFAULT_KAKAO_SOURCE"],
    ["nobody", "nobody"],
  ])(
    "without a channel (%j) it is 503 and says what is missing",
    async (DEFAULT_KAKAO_SOURCE, named) => {
      const { status, json } = await relayWith(
        { DEFAULT_KAKAO_SOURCE },
        "POST",
        "/v1/sessions/create",
      );
      expect([status, json]).toEqual([
        503,
        { error: expect.stringContaining(named), message: expect.stringContaining(named) },
      ]);
    },
  );

  it("a variable that cannot be used is 503 without its value", async () => {
    const { status, text } = await relayWith(
      { CALLBACK_TTL_SECONDS: "soon" },
      "POST",
      "/v1/sessions/create",
    );
    expect(status).toBe(503);
    expect(text).not.toContain("soon");
  });
});

describe("GET /v1/sessions/{token}/status", () => {
  it("an unknown token is 404, whatever it looks like", async () => {
    for (const token of [UNKNOWN, "x", "%2f", "%00", "가"]) {
      const { status, json } = await relay("GET", `/v1/sessions/${token}/status`);
      expect([token, status, json.error]).toEqual([token, 404, "Session not found"]);
    }
  });

  it("before pairing it says nothing but that", async () => {
    expect((await statusOf(await openSession())).json).toEqual({ status: "pending_pairing" });
  });

  it("after it there are user, account and a relay token that is stored as its hash only", async () => {
    const session = await pairUser("status-user");
    const { json } = await statusOf(session);
    expect(json).toEqual({
      status: "paired",
      pairedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      kakaoUserId: "status-user",
      accountId: expect.stringMatching(UUID),
      relayToken: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const account = await control
      .select()
      .from(kakaoAccounts)
      .where(eq(kakaoAccounts.id, String(json.accountId)))
      .get();
    expect(account?.relayTokenHash).toBe(await hashToken(String(json.relayToken)));
    expect(JSON.stringify(account)).not.toContain(json.relayToken);
    const row = await rowOf(session);
    expect(new Date(row.expiresAt).toISOString()).toBe("9999-12-31T23:59:59.000Z");
  });

  it("the relay token stays the same when the master key was changed and the old one is kept", async () => {
    const session = await pairUser("rotated-user");
    const { relayToken } = (await statusOf(session)).json;
    const MASTER_KEY = btoa("n".repeat(32));
    const path = `/v1/sessions/${session.sessionToken}/status`;
    const { MASTER_KEY: old } = bindings;
    const kept = await relayWith({ MASTER_KEY, MASTER_KEY_PREVIOUS: old }, "GET", path);
    expect(kept.json.relayToken).toBe(relayToken);
    const gone = await relayWith({ MASTER_KEY, MASTER_KEY_PREVIOUS: "" }, "GET", path);
    expect(gone.json).toMatchObject({ status: "paired" });
    expect(gone.json.relayToken).toBeUndefined();
  });

  it("a session past its time is expired once, its streams are told, and then it is 404", async () => {
    const session = await openSession();
    const hints = await listen("session", await letExpire(session));
    const answers = await Promise.all(Array.from({ length: 5 }, () => statusOf(session)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 404, 404, 404, 404,
    ]);
    expect(answers.find(({ status }) => status === 200)?.json).toEqual({ status: "expired" });
    await waitFor(() => hints.length > 0, { what: "the hint" });
    expect(hints).toMatchObject([{ kind: "code_expired", reason: expect.any(String) }]);
    expect((await statusOf(session)).status).toBe(404);
  });

  it("a disconnected session is 404; one whose account was deleted has none", async () => {
    const session = await pairUser("deleted-account");
    await control.delete(kakaoAccounts).where(eq(kakaoAccounts.id, session.accountId));
    const { json } = await statusOf(session);
    expect(json).toMatchObject({ status: "paired", kakaoUserId: "deleted-account" });
    expect(json.accountId).toBeUndefined();
    const { id } = await rowOf(session);
    await control
      .update(kakaoSessions)
      .set({ status: "disconnected" })
      .where(eq(kakaoSessions.id, id));
    expect((await statusOf(session)).status).toBe(404);
  });

  it("takes 30 of one address in a minute", async () => {
    const address = newAddress();
    const get = () => relay("GET", `/v1/sessions/${UNKNOWN}/status`, undefined, address);
    const answers = await Promise.all(Array.from({ length: 31 }, get));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  });
});

describe("POST /v1/sessions/{token}/codes", () => {
  const more = ({ sessionToken }: { sessionToken: string }) =>
    relay("POST", `/v1/sessions/${sessionToken}/codes`, {});

  it("before pairing: both codes lead to one account, and the session waits longer", async () => {
    const session = await openSession();
    const { id } = await rowOf(session);
    await control
      .update(kakaoSessions)
      .set({ expiresAt: Date.now() + 1_000 })
      .where(eq(kakaoSessions.id, id));
    const { status, json } = await more(session);
    expect([status, json]).toEqual([
      200,
      { pairingCode: expect.stringMatching(CODE), expiresIn: 300, status: "pending_pairing" },
    ]);
    expect((await rowOf(session)).expiresAt).toBeGreaterThan(Date.now() + 200_000);
    await say("both-1", `/pair ${json.pairingCode}`);
    await say("both-2", `/pair ${session.pairingCode}`);
    const { accountId, kakaoUserId } = (await statusOf(session)).json;
    expect(kakaoUserId).toBe("both-1");
    expect(await accountOf("both-1")).toBe(accountId);
    expect(await accountOf("both-2")).toBe(accountId);
  });

  it("after pairing: a further user joins, and the account's streams are told", async () => {
    const session = await pairUser("first");
    const hints = await listen("account", session.accountId);
    const { json } = await more(session);
    expect(json).toMatchObject({ status: "paired", expiresIn: 300 });
    expect(textOf(await say("second", `/pair ${json.pairingCode}`))).toContain("연결되었습니다");
    expect(await accountOf("second")).toBe(session.accountId);
    expect((await statusOf(session)).json.kakaoUserId).toBe("first");
    await waitFor(() => hints.length > 0, { what: "the hint" });
    expect(hints).toMatchObject([{ kind: "paired", userId: "second" }]);
  });

  it("five codes are open at a time, however many ask at once", async () => {
    const session = await openSession();
    const answers = await Promise.all(Array.from({ length: 8 }, () => more(session)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 200, 200, 200, 409, 409, 409, 409,
    ]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.json).toEqual({ error: expect.any(String), message: expect.any(String) });
  });

  it("of an unknown, expired or disconnected session it is 404", async () => {
    expect((await more({ sessionToken: UNKNOWN })).status).toBe(404);
    const expired = await openSession();
    await letExpire(expired);
    expect((await more(expired)).status).toBe(404);
    const ended = await pairUser("ended");
    await control
      .update(kakaoSessions)
      .set({ status: "disconnected" })
      .where(eq(kakaoSessions.accountId, ended.accountId));
    const { status, json } = await more(ended);
    expect([status, json.error]).toEqual([404, "Session not found"]);
  });
});
