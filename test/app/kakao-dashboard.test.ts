import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import {
  kakaoAccounts,
  kakaoCodes,
  kakaoConversations,
  kakaoMessages,
  kakaoReplies,
  kakaoSessions,
} from "../../src/db/schema/kakao.ts";
import type { Hint } from "../../src/kakao/topics.ts";
import { waitFor } from "../support/wait-for.ts";
import {
  CALLBACK_URL,
  insertAccount,
  insertChannel,
  insertCode,
  insertConversation,
  insertMessage,
  insertReply,
  insertSession,
  type Owner,
} from "./kakao-rows.ts";
import { listen } from "./kakao-support.ts";
import { addKey, call, control, fetchApp, makeTenant, type Tenant } from "./support.ts";

const API = "/dashboard/api";
const NOWHERE = "00000000-0000-4000-8000-000000000000";

let tenant: Tenant;
let owner: Owner;
beforeAll(async () => {
  tenant = await makeTenant("kakao-dashboard");
  owner = await insertChannel(tenant, "kakao-dashboard");
});

const get = async (path: string) => {
  const { status, text } = await call(tenant, "GET", API + path);
  return { status, json: JSON.parse(text) };
};
const change = (method: string, path: string, body?: unknown) =>
  call(tenant, method, API + path, body);

/** Waits until a stream has heard of something. */
const heard = (hints: Hint[], hint: Partial<Hint>) =>
  waitFor(
    () =>
      hints.some((one) =>
        Object.entries(hint).every(([key, value]) => one[key as keyof Hint] === value),
      ),
    {
      what: `the hint ${JSON.stringify(hint)}`,
      explain: () => JSON.stringify(hints),
    },
  );

describe("an organization that has nothing yet", () => {
  it("gets zeros and empty lists, never null", async () => {
    const nobody = await makeTenant("kakao-dashboard-empty");
    const read = async (path: string) => JSON.parse((await call(nobody, "GET", API + path)).text);
    const { timestamp, ...counts } = await read("/overview");
    expect(timestamp).toBeTypeOf("number");
    expect(counts).toEqual({
      accounts: 0,
      sessionPending: 0,
      sessionPaired: 0,
      sessionTotal: 0,
      conversationPaired: 0,
      conversationUnpaired: 0,
      inboundTotal: 0,
      outboundTotal: 0,
      outboundFailed: 0,
      sseClients: 0,
    });
    for (const path of ["/accounts", "/sessions", "/channels"]) {
      expect([path, await read(path)]).toEqual([path, []]);
    }
    const id = await insertAccount(await insertChannel(nobody, "kakao-empty"));
    for (const list of ["conversations", "messages", "messages?type=outbound", "failed-messages"]) {
      expect([list, await read(`/accounts/${id}/${list}`)]).toEqual([list, []]);
    }
  });
});

describe("reading", () => {
  it("an overview counts everything of the organization", async () => {
    const counted = await makeTenant("kakao-dashboard-counted");
    const own = await insertChannel(counted, "kakao-counted");
    const accountId = await insertAccount(own);
    await insertSession(own, { status: "paired", accountId });
    await insertSession(own);
    await insertSession(own, { expiresAt: Date.now() - 1 });
    await insertConversation(own, accountId, "bot:one");
    await insertConversation(own, null, "bot:two");
    const id = await insertMessage(own, accountId, "hello");
    await insertReply(accountId, id);
    await insertReply(accountId, id, { status: "failed", errorMessage: "HTTP 500" });
    await listen("account", accountId);
    const { json } = await call(counted, "GET", `${API}/overview`);
    expect(json).toMatchObject({
      accounts: 1,
      sessionPending: 1,
      sessionPaired: 1,
      sessionTotal: 3,
      conversationPaired: 1,
      conversationUnpaired: 1,
      inboundTotal: 1,
      outboundTotal: 2,
      outboundFailed: 1,
      sseClients: 1,
    });
  });

  it("accounts come newest first, with what was said today and ever", async () => {
    const day = 24 * 60 * 60 * 1000;
    const old = await insertAccount(owner, { createdAt: 1000 });
    const id = await insertAccount(owner);
    const first = await insertMessage(owner, id, "before", { createdAt: Date.now() - 2 * day });
    await insertMessage(owner, id, "today");
    await insertReply(id, first, { status: "failed", createdAt: Date.now() - 2 * day });
    await insertReply(id, first);
    const { json } = await get("/accounts");
    const ids = json.map((one: { id: string }) => one.id);
    expect(ids.indexOf(id)).toBeLessThan(ids.indexOf(old));
    const counts = {
      inboundToday: 1,
      inboundTotal: 2,
      outboundToday: 1,
      outboundTotal: 2,
      outboundFailed: 1,
    };
    expect(json.find((one: { id: string }) => one.id === id)).toMatchObject({
      rateLimitPerMinute: 60,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      ...counts,
    });
    expect((await get(`/accounts/${id}/stats`)).json).toEqual({
      ...counts,
      conversations: 0,
      sseClients: 0,
    });
  });

  it("conversations come with the one seen last first", async () => {
    const id = await insertAccount(owner);
    await insertConversation(owner, id, "bot:early", { lastSeenAt: 1000, pairedAt: null });
    await insertConversation(owner, id, "bot:late", { lastSeenAt: 2000, pairedAt: 1500 });
    expect((await get(`/accounts/${id}/conversations`)).json).toEqual([
      {
        id: expect.any(String),
        conversationKey: "bot:late",
        state: "paired",
        pairedAt: "1970-01-01T00:00:01.500Z",
        lastSeenAt: "1970-01-01T00:00:02.000Z",
      },
      expect.objectContaining({ conversationKey: "bot:early", pairedAt: null }),
    ]);
  });

  it("messages have their answers and no callback URL", async () => {
    const id = await insertAccount(owner);
    const messageId = await insertMessage(owner, id, "안녕", {
      answerState: "failed",
      answer: JSON.stringify({ version: "2.0", template: { outputs: [] } }),
    });
    await insertReply(id, messageId, { status: "failed", errorMessage: "HTTP 500", sentAt: null });
    const { json } = await get(`/accounts/${id}/messages`);
    expect(json).toEqual([
      {
        id: messageId,
        accountId: id,
        conversationKey: "bot:user",
        kakaoPayload: {
          userRequest: { utterance: "안녕", callbackUrl: "********" },
          bot: { id: "bot" },
        },
        normalizedMessage: { userId: "user", text: "안녕", channelId: "bot" },
        status: "delivered",
        createdAt: expect.any(String),
        deliveredAt: expect.any(String),
        hasCallback: true,
        callbackUntil: expect.any(String),
        answer: { version: "2.0", template: { outputs: [] } },
        answerState: "failed",
        answerError: "HTTP 500",
      },
    ]);
    expect(JSON.stringify(json)).not.toContain(CALLBACK_URL);
    const again = await insertMessage(owner, id, "may be answered again", { createdAt: 1 });
    await insertReply(id, again, { status: "failed", errorMessage: "no such host", createdAt: 2 });
    const [, retriable] = (await get(`/accounts/${id}/messages`)).json;
    expect(retriable).toMatchObject({ answerState: null, answerError: "no such host" });
    await control.delete(kakaoReplies).where(eq(kakaoReplies.messageId, again));
    const outbound = await get(`/accounts/${id}/messages?type=outbound`);
    expect(outbound.json).toEqual([
      {
        id: expect.any(String),
        accountId: id,
        inboundMessageId: messageId,
        conversationKey: "bot:user",
        kakaoTarget: {},
        responsePayload: { version: "2.0" },
        status: "failed",
        errorMessage: "HTTP 500",
        createdAt: expect.any(String),
      },
    ]);
    await insertReply(id, messageId);
    expect((await get(`/accounts/${id}/failed-messages`)).json).toEqual(outbound.json);
  });

  it("a page has 20 messages, or as many as are asked for; what is no number counts as none", async () => {
    const id = await insertAccount(owner);
    const texts = Array.from({ length: 25 }, (_, i) => `m${i}`);
    for (const [i, text] of texts.entries()) {
      await insertMessage(owner, id, text, { createdAt: 1000 + i });
    }
    const list = async (query: string) => {
      const { status, json } = await get(`/accounts/${id}/messages${query}`);
      expect([query, status]).toEqual([query, 200]);
      return json.map((one: { normalizedMessage: { text: string } }) => one.normalizedMessage.text);
    };
    const newest = texts.toReversed();
    expect(await list("")).toEqual(newest.slice(0, 20));
    expect(await list("?limit=3&offset=2")).toEqual(newest.slice(2, 5));
    expect(await list("?limit=100")).toEqual(newest);
    expect(await list("?offset=24")).toEqual(["m0"]);
    expect(await list("?offset=1000")).toEqual([]);
    for (const limit of ["0", "-1", "101", "1e1", "x", "", "99999999999999999999"]) {
      expect(await list(`?limit=${limit}&offset=${limit === "0" ? "-4" : "x"}`)).toHaveLength(20);
    }
  });

  it("a session shows its code while it waits for a user, and a token never", async () => {
    const accountId = await insertAccount(owner);
    const pending = await insertSession(owner, { code: "AAAA-2222" });
    await insertCode(owner, pending, "USED-2222", { usedAt: Date.now() });
    const paired = await insertSession(owner, {
      status: "paired",
      accountId,
      pairedConversationKey: "bot:user",
      pairedAt: Date.now(),
      code: "BBBB-2222",
    });
    const over = await insertSession(owner, { expiresAt: Date.now() - 1 });
    const ended = await insertSession(owner, { status: "disconnected", code: "CCCC-2222" });
    const { json } = await get("/sessions?limit=100");
    const find = (id: string) => json.find((one: { id: string }) => one.id === id);
    const codes = (id: string) =>
      find(id).codes.map((one: { pairingCode: string }) => one.pairingCode);
    expect(find(pending)).toMatchObject({ status: "pending_pairing", pairingCode: "AAAA-2222" });
    expect(codes(pending)).toEqual(["AAAA-2222"]);
    expect(find(pending)).not.toHaveProperty("accountId");
    expect(find(paired)).toMatchObject({
      status: "paired",
      pairingCode: null,
      accountId,
      pairedConversationKey: "bot:user",
    });
    expect(codes(paired)).toEqual(["BBBB-2222"]);
    expect(find(over)).toMatchObject({ status: "expired", pairingCode: null, codes: [] });
    expect(find(ended)).toMatchObject({ status: "disconnected", pairingCode: null, codes: [] });
    for (const id of [pending, paired]) {
      expect(JSON.stringify(json)).not.toContain(await sha256Hex(id));
    }
    expect(JSON.stringify(json)).not.toMatch(/token|metadata/i);
    expect((await get("/sessions?limit=2")).json).toHaveLength(2);
    expect((await get("/sessions?limit=nonsense")).status).toBe(200);
  });

  it("channels have the addresses for Kakao and for the plugin", async () => {
    expect((await get("/channels")).json).toEqual([
      {
        sourceId: owner.sourceId,
        slug: "kakao-dashboard",
        name: "kakao-dashboard",
        enabled: true,
        isDefault: false,
        webhookUrl: "http://localhost:8787/kakao/kakao-dashboard/webhook",
        relayUrl: "http://localhost:8787/kakao/kakao-dashboard",
      },
    ]);
  });
});

describe("changing", () => {
  it("a new session has a token that is stored as its hash only, and a code", async () => {
    for (const body of [undefined, {}, { sourceId: owner.sourceId }]) {
      const { status, json } = await change("POST", "/sessions/create", body);
      expect([status, json]).toEqual([
        200,
        {
          sessionToken: expect.stringMatching(/^[0-9a-f]{64}$/),
          pairingCode: expect.stringMatching(/^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/),
          expiresIn: 300,
          status: "pending_pairing",
        },
      ]);
      const hash = await sha256Hex(String(json.sessionToken));
      const row = await control
        .select()
        .from(kakaoSessions)
        .where(eq(kakaoSessions.tokenHash, hash))
        .get();
      expect(row).toMatchObject({ ...owner, status: "pending_pairing" });
    }
  });

  it("says which channel is missing, or that one must be named", async () => {
    const many = await makeTenant("kakao-dashboard-many");
    const create = (body: object) => call(many, "POST", `${API}/sessions/create`, body);
    expect((await create({})).json.detail).toMatch(/sourceId: .*create a source/);
    const first = await insertChannel(many, "kakao-many-1");
    await insertChannel(many, "kakao-many-2");
    const refusal = await create({});
    expect([refusal.status, refusal.json.detail]).toEqual([
      422,
      expect.stringContaining("2 KakaoTalk channels; name one"),
    ]);
    expect((await create({ sourceId: first.sourceId })).status).toBe(200);
    const { json } = await call(many, "POST", "/sources", { slug: "kakao-many-no" });
    expect((await create({ sourceId: json.id })).status).toBe(422);
    expect((await create({ sourceId: owner.sourceId })).status).toBe(404);
  });

  it("a session gets a further code, paired or not, until it ends", async () => {
    const id = await insertSession(owner, { code: "DDDD-2222" });
    const { status, json } = await change("POST", `/sessions/${id}/codes`);
    expect([status, json]).toMatchObject([200, { expiresIn: 300, status: "pending_pairing" }]);
    const codes = await control.select().from(kakaoCodes).where(eq(kakaoCodes.sessionId, id));
    expect(codes.map(({ code }) => code).toSorted()).toEqual(
      ["DDDD-2222", String(json.pairingCode)].toSorted(),
    );
    for (let i = 0; i < 3; i++) await change("POST", `/sessions/${id}/codes`);
    const refusal = await change("POST", `/sessions/${id}/codes`);
    expect([refusal.status, refusal.json.detail]).toEqual([409, expect.stringContaining("wait")]);
    await change("POST", `/sessions/${id}/disconnect`);
    expect((await change("POST", `/sessions/${id}/codes`)).json.detail).toContain("has ended");
  });

  it("disconnecting ends token and codes, and tells the streams", async () => {
    const accountId = await insertAccount(owner);
    const id = await insertSession(owner, { status: "paired", accountId, code: "EEEE-2222" });
    const ofSession = await listen("session", id);
    const ofAccount = await listen("account", accountId);
    const { status, json } = await change("POST", `/sessions/${id}/disconnect`);
    expect([status, json]).toEqual([200, { status: "ok" }]);
    const hint = { kind: "disconnected", sessionId: id } as const;
    await heard(ofSession, hint);
    await heard(ofAccount, hint);
    const row = await control.select().from(kakaoSessions).where(eq(kakaoSessions.id, id)).get();
    expect(row).toMatchObject({ status: "disconnected", accountId });
    const codes = await control.select().from(kakaoCodes).where(eq(kakaoCodes.sessionId, id));
    expect(codes).toEqual([]);
  });

  it("deleting a session leaves its account, and tells the streams", async () => {
    const accountId = await insertAccount(owner);
    const id = await insertSession(owner, { status: "paired", accountId, code: "FFFF-2222" });
    const ofAccount = await listen("account", accountId);
    expect((await change("DELETE", `/sessions/${id}`)).json).toEqual({ status: "ok" });
    await heard(ofAccount, { kind: "disconnected", sessionId: id });
    const rows = await Promise.all([
      control.select().from(kakaoSessions).where(eq(kakaoSessions.id, id)),
      control.select().from(kakaoCodes).where(eq(kakaoCodes.sessionId, id)),
      control.select().from(kakaoAccounts).where(eq(kakaoAccounts.id, accountId)),
    ]);
    expect(rows.map((found) => found.length)).toEqual([0, 0, 1]);
    expect((await change("DELETE", `/sessions/${id}`)).status).toBe(404);
  });

  it("deleting an account takes its messages, ends its sessions, and lets its users pair again", async () => {
    const accountId = await insertAccount(owner);
    const id = await insertSession(owner, { status: "paired", accountId });
    const conversationId = await insertConversation(owner, accountId, "bot:of-deleted");
    await insertReply(accountId, await insertMessage(owner, accountId, "hello"));
    const stream = await listen("account", accountId);
    expect((await change("DELETE", `/accounts/${accountId}`)).json).toEqual({ status: "ok" });
    await heard(stream, { kind: "deleted" });
    const session = await control
      .select()
      .from(kakaoSessions)
      .where(eq(kakaoSessions.id, id))
      .get();
    expect(session).toMatchObject({ status: "disconnected", accountId: null });
    const conversation = await control
      .select()
      .from(kakaoConversations)
      .where(eq(kakaoConversations.id, conversationId))
      .get();
    expect(conversation).toMatchObject({ state: "unpaired", accountId: null, pairedAt: null });
    const left = await control
      .select()
      .from(kakaoMessages)
      .where(eq(kakaoMessages.accountId, accountId));
    expect(left).toEqual([]);
    expect((await get(`/accounts/${accountId}/stats`)).status).toBe(404);
  });

  it("deleting a conversation unpairs its user, of this account alone", async () => {
    const accountId = await insertAccount(owner);
    const other = await insertAccount(owner);
    const id = await insertConversation(owner, accountId, "bot:to-delete");
    expect((await change("DELETE", `/accounts/${other}/conversations/${id}`)).status).toBe(404);
    const stream = await listen("account", accountId);
    expect((await change("DELETE", `/accounts/${accountId}/conversations/${id}`)).json).toEqual({
      status: "ok",
    });
    await heard(stream, { kind: "unpaired", conversationKey: "bot:to-delete" });
    expect((await get(`/accounts/${accountId}/conversations`)).json).toEqual([]);
  });

  it("another relay token is stored as its hash, and each is another one", async () => {
    const accountId = await insertAccount(owner);
    const regenerate = () => change("POST", `/accounts/${accountId}/regenerate-token`);
    const first = String((await regenerate()).json.relayToken);
    const second = String((await regenerate()).json.relayToken);
    expect([first, second]).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    expect(first).not.toBe(second);
    const row = await control
      .select()
      .from(kakaoAccounts)
      .where(eq(kakaoAccounts.id, accountId))
      .get();
    expect(row).toMatchObject({ relayTokenHash: await sha256Hex(second), relayTokenVersion: 3 });
  });
});

describe("an agent's open stream really ends", () => {
  /** The whole stream, once it has ended. */
  async function open(token: string) {
    const response = await fetchApp(`/v1/events?token=${token}`);
    expect(response.status).toBe(200);
    const whole = response.text();
    return { whole };
  }

  async function paired() {
    const token = crypto.randomUUID();
    const accountId = await insertAccount(owner, { relayTokenHash: await sha256Hex(`r${token}`) });
    const tokenHash = await sha256Hex(token);
    const id = await insertSession(owner, { status: "paired", accountId, tokenHash });
    return { token, accountId, id };
  }

  it("when its session is disconnected or deleted, before anybody has paired and after", async () => {
    for (const [method, action] of [
      ["POST", "/disconnect"],
      ["DELETE", ""],
    ] as const) {
      const token = crypto.randomUUID();
      const waiting = await insertSession(owner, { tokenHash: await sha256Hex(token) });
      const { token: otherToken, id } = await paired();
      const streams = [await open(token), await open(otherToken)];
      await change(method, `/sessions/${waiting}${action}`);
      await change(method, `/sessions/${id}${action}`);
      for (const { whole } of streams) expect(await whole).toContain("event: error");
    }
  });

  it("when its account is deleted", async () => {
    const { token, accountId } = await paired();
    const { whole } = await open(token);
    await change("DELETE", `/accounts/${accountId}`);
    expect(await whole).toContain("event: error");
    expect((await fetchApp(`/v1/events?token=${token}`)).status).toBe(401);
  });

  it("when it is of a relay token, and the account gets another", async () => {
    const { token, accountId } = await paired();
    const { whole } = await open(`r${token}`);
    await change("POST", `/accounts/${accountId}/regenerate-token`);
    expect(await whole).toContain("event: error");
  });
});

describe("who may", () => {
  const CHANGES: [string, string][] = [
    ["POST", "/sessions/create"],
    ["POST", `/sessions/${NOWHERE}/codes`],
    ["POST", `/sessions/${NOWHERE}/disconnect`],
    ["DELETE", `/sessions/${NOWHERE}`],
    ["POST", `/accounts/${NOWHERE}/regenerate-token`],
    ["DELETE", `/accounts/${NOWHERE}`],
    ["DELETE", `/accounts/${NOWHERE}/conversations/${NOWHERE}`],
  ];
  const READS = ["/overview", "/access", "/channels", "/accounts", "/sessions"];

  it("the page's cookie reads and changes nothing, as its key has the scope `read` only", async () => {
    const key = await addKey(tenant.organizationId, ["read"]);
    const headers = { cookie: `baton_page=${key}` };
    for (const path of READS) {
      const response = await fetchApp(API + path, { headers });
      expect([path, response.status]).toEqual([path, 200]);
      await response.body?.cancel();
    }
    for (const [method, path] of CHANGES) {
      const response = await fetchApp(API + path, { method, headers });
      expect([method, path, response.status]).toEqual([method, path, 403]);
      await response.body?.cancel();
    }
  });

  it("a caller can ask what it may do", async () => {
    const access = async (scope: string) => {
      const key = await addKey(tenant.organizationId, [scope]);
      return (await call({ ...tenant, key }, "GET", `${API}/access`)).json;
    };
    expect(await access("read")).toEqual({ canWrite: false });
    expect(await access("write")).toEqual({ canWrite: true });
  });

  it("without a key everything is 401", async () => {
    for (const path of READS) expect((await fetchApp(API + path)).status).toBe(401);
    for (const [method, path] of CHANGES) {
      expect((await fetchApp(API + path, { method })).status).toBe(401);
    }
  });

  it.each(["not-a-uuid", "0", "%00", "%F0%9F%98%80", "..%2F", NOWHERE])(
    "an id that is none, %s, is 404 and never 500",
    async (id) => {
      for (const list of ["conversations", "messages", "stats", "failed-messages"]) {
        expect((await get(`/accounts/${id}/${list}`)).status).toBe(404);
      }
      for (const [method, path] of CHANGES.slice(1)) {
        const { status } = await change(method, path.replaceAll(NOWHERE, id));
        expect([method, path, status]).toEqual([method, path, 404]);
      }
    },
  );
});
