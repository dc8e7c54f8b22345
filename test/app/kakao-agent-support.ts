import { createExecutionContext } from "cloudflare:test";
import { inject } from "vitest";
import { createAdmin } from "../../src/admin/app.ts";
import { sha256Hex } from "../../src/crypto.ts";
import {
  kakaoAccounts,
  kakaoConversations,
  kakaoMessages,
  kakaoReplies,
  kakaoSessions,
} from "../../src/db/schema/kakao.ts";
import { makeRelayToken } from "../../src/kakao/tokens.ts";
import type { CallbackMode } from "../support/kakao-callbacks.ts";
import { waitFor } from "../support/wait-for.ts";
import { relayWith } from "./kakao-support.ts";
import { bindings, control, fetchApp, type Json } from "./support.ts";

/** The source and the organization whose agents these are. */
export type Place = { organizationId: string; sourceId: string };
export type Agent = Place & {
  token: string;
  sessionId: string;
  accountId: string;
  conversation: { id: string; key: string; userKey: string };
};

let users = 0;

/** Writes a session that waits for its user, as the relay does. */
export async function addSession(place: Place, more: object = {}) {
  const token = crypto.randomUUID().replaceAll("-", "").repeat(2);
  const id = crypto.randomUUID();
  const now = Date.now();
  const row = {
    id,
    organizationId: place.organizationId,
    sourceId: place.sourceId,
    tokenHash: await sha256Hex(token),
    status: "pending_pairing" as const,
    expiresAt: now + 300_000,
    createdAt: now,
    updatedAt: now,
    ...more,
  };
  await control.insert(kakaoSessions).values(row);
  return { token, sessionId: id };
}

export async function addAccount(place: Place, more: object = {}): Promise<string> {
  const id = crypto.randomUUID();
  await control.insert(kakaoAccounts).values({
    id,
    organizationId: place.organizationId,
    sourceId: place.sourceId,
    relayTokenHash: await sha256Hex(await relayToken(id)),
    rateLimitPerMinute: 60,
    createdAt: Date.now(),
    updatedAt: Date.now(),
    ...more,
  });
  return id;
}

export function relayToken(accountId: string): Promise<string> {
  return makeRelayToken(bindings.MASTER_KEY, accountId, 1);
}

export async function addConversation(place: Place, accountId: string | null, pairedAt: number) {
  const userKey = `user-${users++}`;
  const row = {
    id: crypto.randomUUID(),
    organizationId: place.organizationId,
    sourceId: place.sourceId,
    key: `bot1:${userKey}`,
    userKey,
    state: accountId ? ("paired" as const) : ("unpaired" as const),
    accountId,
    pairedAt,
    lastSeenAt: pairedAt,
    createdAt: pairedAt,
  };
  await control.insert(kakaoConversations).values(row);
  return { id: row.id, key: row.key, userKey };
}

/** A session that a user has paired with. */
export async function addAgent(place: Place, account: object = {}): Promise<Agent> {
  const accountId = await addAccount(place, account);
  const pairedAt = Date.now();
  const conversation = await addConversation(place, accountId, pairedAt);
  const session = await addSession(place, {
    status: "paired",
    accountId,
    pairedAt,
    pairedConversationKey: conversation.key,
  });
  const { organizationId, sourceId } = place;
  return { organizationId, sourceId, ...session, accountId, conversation };
}

/** Writes a message of the agent's user. */
export async function addMessage(agent: Agent, text: string, more: object = {}): Promise<string> {
  const id = crypto.randomUUID();
  const { conversation } = agent;
  await control.insert(kakaoMessages).values({
    id,
    organizationId: agent.organizationId,
    sourceId: agent.sourceId,
    accountId: agent.accountId,
    conversationId: conversation.id,
    conversationKey: conversation.key,
    payload: JSON.stringify({ userRequest: { utterance: text }, bot: { id: "bot1" } }, null, 2),
    text,
    userId: conversation.userKey,
    channelId: "bot1",
    dedupKey: id,
    status: "queued",
    createdAt: Date.now(),
    ...more,
  });
  return id;
}

/** A message whose answer goes to a callback URL. */
export async function addAsked(agent: Agent, mode: CallbackMode = "ok", more: object = {}) {
  const url = await issueCallback(mode);
  const callback = { callbackUrl: url, callbackUntil: Date.now() + 55_000 };
  return { url, id: await addMessage(agent, "질문", { ...callback, ...more }) };
}

export async function issueCallback(mode: CallbackMode): Promise<string> {
  const { control: address } = inject("kakaoCallbacks");
  return (await fetch(`${address}/${mode}`, { method: "POST" })).text();
}

type Call = { method: string; end: { kind: string; answer?: Json; why?: string } | null };

/** The calls that a callback URL got. */
export async function callsOf(url: string): Promise<Call[]> {
  const { control: address } = inject("kakaoCallbacks");
  return (await fetch(`${address}/?url=${encodeURIComponent(url)}`)).json();
}

export const skillText = (...texts: string[]) => ({
  version: "2.0",
  template: { outputs: texts.map((text) => ({ simpleText: { text } })) },
});

/** `POST /openclaw/reply`, with Kakao's fake callback server allowed. */
export function reply(token: string, body: unknown, vars: object = {}) {
  const { origin } = inject("kakaoCallbacks");
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const all = { KAKAO_CALLBACK_ORIGINS: origin, ...vars };
  return relayWith(all, "POST", "/openclaw/reply", body, headers);
}

export async function messageRow(id: string) {
  const rows = await control.select().from(kakaoMessages);
  const row = rows.find((each) => each.id === id);
  if (!row) throw new Error(`no message ${id}`);
  return row;
}

/** What is on record of a message's answers. */
export async function repliesTo(messageId: string) {
  const rows = await control.select().from(kakaoReplies);
  return rows.filter((each) => each.messageId === messageId);
}

export type AgentEvent = { event: string; data: Json };

/** Opens an agent's stream and reads it as strictly as the plugins do; what they would stumble over is in `faults`. */
export async function openStream(token: string, vars?: object) {
  const { response } = await connect(token, vars);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  const state = { raw: "", isEnded: false };
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  void readText(reader, state);
  const events = () => eventsIn(state.raw);
  const texts = () =>
    events().flatMap(({ event, data }) =>
      event === "message" ? [String((data.normalized as Json).text)] : [],
    );
  return {
    response,
    state,
    events,
    names: () => events().map(({ event }) => event),
    texts,
    next: (name: string, deadlineMs = 10_000) =>
      waitFor(() => events().find(({ event }) => event === name)?.data, {
        what: name,
        everyMs: 10,
        deadlineMs,
        explain: () => state.raw,
      }),
    hasText: (text: string, deadlineMs = 10_000) =>
      waitFor(() => texts().includes(text), {
        what: text,
        everyMs: 10,
        deadlineMs,
        explain: () => state.raw,
      }),
    ended: () => waitFor(() => state.isEnded, { what: "the end of the stream" }),
    /** The client goes away. */
    leave: () => reader.cancel().catch(() => {}),
  };
}

/** `GET /v1/events`. */
export async function connect(token: string, vars?: object) {
  const request = new Request(`http://localhost/v1/events?token=${token}`);
  if (!vars) return { response: await fetchApp(`/v1/events?token=${token}`) };
  const ctx = createExecutionContext();
  return { response: await createAdmin().fetch(request, { ...bindings, ...vars }, ctx) };
}

function eventsIn(raw: string): AgentEvent[] {
  const blocks = raw.split("\n\n").slice(0, -1);
  return blocks.flatMap((block) => {
    if (block === ":" || block === ": ping") return [];
    const found = /^event: (\w+)\ndata: (\{.*\})$/.exec(block);
    if (!found) throw new Error(`no block that plugins read: ${JSON.stringify(block)}`);
    return { event: String(found[1]), data: JSON.parse(String(found[2])) as Json };
  });
}

async function readText(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  state: { raw: string; isEnded: boolean },
): Promise<void> {
  const decoder = new TextDecoder();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      state.raw += decoder.decode(value, { stream: true });
    }
  } catch {
    // It was cut.
  }
  state.isEnded = true;
}
