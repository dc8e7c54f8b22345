import { createRoute, z } from "@hono/zod-openapi";
import { createRouter, jsonResponse, problems, requires } from "../admin/index.ts";
import { kakaoSettingsOrNull } from "../kakao/index.ts";
import { NewCode, NewSession } from "../kakao/schemas.ts";
import { createCode } from "./create-code.ts";
import { createSession } from "./create-session.ts";
import { deleteAccount } from "./delete-account.ts";
import { deleteConversation } from "./delete-conversation.ts";
import { deleteSession } from "./delete-session.ts";
import { disconnectSession } from "./disconnect-session.ts";
import { listAccounts } from "./list-accounts.ts";
import { listKakaoChannels } from "./list-channels.ts";
import { listConversations } from "./list-conversations.ts";
import { listInbound } from "./list-inbound.ts";
import { listFailed, listOutbound } from "./list-outbound.ts";
import { listSessions } from "./list-sessions.ts";
import { readOverview } from "./read-overview.ts";
import { readStats } from "./read-stats.ts";
import { regenerateToken } from "./regenerate-token.ts";
import {
  Access,
  Account,
  AccountStats,
  Conversation,
  CreateSession,
  Done,
  InboundMessage,
  KakaoChannel,
  MessagesQuery,
  OutboundMessage,
  Overview,
  RelayToken,
  Session,
  SessionsQuery,
} from "./schemas.ts";

const base = { tags: ["KakaoTalk"], security: [{ apiKey: [] }] };
const reading = { ...base, method: "get" as const, middleware: requires("read") };
const changing = { ...base, middleware: requires("write") };
const byId = { params: z.object({ id: z.string() }) };
const DONE = { status: "ok" } as const;

const overview = createRoute({
  ...reading,
  path: "/overview",
  summary: "Count everything",
  responses: { 200: jsonResponse(Overview, "Counts"), ...problems() },
});

const access = createRoute({
  ...reading,
  path: "/access",
  summary: "Tell what the caller may do here",
  responses: { 200: jsonResponse(Access, "The access"), ...problems() },
});

const channels = createRoute({
  ...reading,
  path: "/channels",
  summary: "List KakaoTalk channels, which are sources of preset `kakao`, with their addresses",
  responses: { 200: jsonResponse(z.array(KakaoChannel), "Oldest first"), ...problems() },
});

const accounts = createRoute({
  ...reading,
  path: "/accounts",
  summary: "List paired agents",
  responses: { 200: jsonResponse(z.array(Account), "Newest first, 100 at most"), ...problems() },
});

const conversations = createRoute({
  ...reading,
  path: "/accounts/{id}/conversations",
  summary: "List the users of an agent",
  request: byId,
  responses: {
    200: jsonResponse(z.array(Conversation), "Seen last first, 200 at most"),
    ...problems(404),
  },
});

const messages = createRoute({
  ...reading,
  path: "/accounts/{id}/messages",
  summary: "List what users wrote, each with its answer; or the calls of callback URLs",
  request: { ...byId, query: MessagesQuery },
  responses: {
    200: jsonResponse(z.array(z.union([InboundMessage, OutboundMessage])), "Newest first"),
    ...problems(404),
  },
});

const stats = createRoute({
  ...reading,
  path: "/accounts/{id}/stats",
  summary: "Count an agent's messages, users and open streams",
  request: byId,
  responses: { 200: jsonResponse(AccountStats, "Counts"), ...problems(404) },
});

const failed = createRoute({
  ...reading,
  path: "/accounts/{id}/failed-messages",
  summary: "List calls of callback URLs that failed",
  request: byId,
  responses: {
    200: jsonResponse(z.array(OutboundMessage), "Newest first, 50 at most"),
    ...problems(404),
  },
});

const regenerate = createRoute({
  ...changing,
  method: "post",
  path: "/accounts/{id}/regenerate-token",
  summary: "Give an agent another relay token; the one before ends",
  request: byId,
  responses: { 200: jsonResponse(RelayToken, "The token"), ...problems(404, 409) },
});

const removeAccount = createRoute({
  ...changing,
  method: "delete",
  path: "/accounts/{id}",
  summary: "Delete an agent with its messages; its sessions and streams end",
  request: byId,
  responses: { 200: jsonResponse(Done, "Deleted"), ...problems(404) },
});

const removeConversation = createRoute({
  ...changing,
  method: "delete",
  path: "/accounts/{id}/conversations/{conversationId}",
  summary: "Delete a user's conversation with an agent; its messages stay",
  request: { params: z.object({ id: z.string(), conversationId: z.string() }) },
  responses: { 200: jsonResponse(Done, "Deleted"), ...problems(404) },
});

const sessions = createRoute({
  ...reading,
  path: "/sessions",
  summary: "List sessions with the pairing codes that are good now",
  request: { query: SessionsQuery },
  responses: { 200: jsonResponse(z.array(Session), "Newest first"), ...problems() },
});

const newSession = createRoute({
  ...changing,
  method: "post",
  path: "/sessions/create",
  summary: "Create a session; its token is shown once",
  request: {
    body: { content: { "application/json": { schema: CreateSession } }, required: false },
  },
  responses: { 200: jsonResponse(NewSession, "The session"), ...problems(404, 409, 422) },
});

const newCode = createRoute({
  ...changing,
  method: "post",
  path: "/sessions/{id}/codes",
  summary: "Create a further pairing code, for one more user of the same agent",
  request: byId,
  responses: { 200: jsonResponse(NewCode, "The code"), ...problems(404, 409) },
});

const disconnect = createRoute({
  ...changing,
  method: "post",
  path: "/sessions/{id}/disconnect",
  summary: "End a session; its streams are closed",
  request: byId,
  responses: { 200: jsonResponse(Done, "Disconnected"), ...problems(404) },
});

const removeSession = createRoute({
  ...changing,
  method: "delete",
  path: "/sessions/{id}",
  summary: "Delete a session; its streams are closed",
  request: byId,
  responses: { 200: jsonResponse(Done, "Deleted"), ...problems(404) },
});

/** `/dashboard/api`: the paths and shapes of the relay that ours is compatible with, behind an API key or the page's cookie. */
export const kakaoDashboardRoutes = createRouter()
  .openapi(overview, async (c) => c.json(await readOverview(c.get("ctx")), 200))
  .openapi(access, (c) => c.json({ canWrite: c.get("scopes").includes("write") }, 200))
  .openapi(channels, async (c) =>
    c.json(await listKakaoChannels(c.get("ctx"), defaultSource(c.env)), 200),
  )
  .openapi(accounts, async (c) => c.json(await listAccounts(c.get("ctx")), 200))
  .openapi(conversations, async (c) =>
    c.json(await listConversations(c.get("ctx"), c.req.valid("param").id), 200),
  )
  .openapi(messages, async (c) => {
    const { type, ...page } = c.req.valid("query");
    const list = type === "outbound" ? listOutbound : listInbound;
    return c.json(await list(c.get("ctx"), c.req.valid("param").id, page), 200);
  })
  .openapi(stats, async (c) => c.json(await readStats(c.get("ctx"), c.req.valid("param").id), 200))
  .openapi(failed, async (c) =>
    c.json(await listFailed(c.get("ctx"), c.req.valid("param").id), 200),
  )
  .openapi(regenerate, async (c) =>
    c.json({ relayToken: await regenerateToken(c.get("ctx"), c.req.valid("param").id) }, 200),
  )
  .openapi(removeAccount, async (c) => {
    await deleteAccount(c.get("ctx"), c.req.valid("param").id);
    return c.json(DONE, 200);
  })
  .openapi(removeConversation, async (c) => {
    const { id, conversationId } = c.req.valid("param");
    await deleteConversation(c.get("ctx"), id, conversationId);
    return c.json(DONE, 200);
  })
  .openapi(sessions, async (c) =>
    c.json(await listSessions(c.get("ctx"), c.req.valid("query").limit), 200),
  )
  .openapi(newSession, async (c) =>
    c.json(await createSession(c.get("ctx"), c.req.valid("json"), defaultSource(c.env)), 200),
  )
  .openapi(newCode, async (c) =>
    c.json(await createCode(c.get("ctx"), c.req.valid("param").id), 200),
  )
  .openapi(disconnect, async (c) => {
    await disconnectSession(c.get("ctx"), c.req.valid("param").id);
    return c.json(DONE, 200);
  })
  .openapi(removeSession, async (c) => {
    await deleteSession(c.get("ctx"), c.req.valid("param").id);
    return c.json(DONE, 200);
  });

function defaultSource(env: AppEnv): string {
  return kakaoSettingsOrNull(env)?.defaultSource ?? "";
}
