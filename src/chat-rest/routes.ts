import type { Context } from "hono";
import { getPath } from "hono/utils/url";
import { type AdminEnv, createRouter } from "../admin/index.ts";
import { type ChatContext, type ChatDeps, ChatError } from "../chat/index.ts";
import { authenticateChat, type ChatSettings, chatSettingsOrNull } from "../chat-auth/index.ts";
import { refuseSocket, serveChatSocket, servePresenceSocket } from "../chat-socket/index.ts";
import { readSettings } from "../context.ts";
import { openControl, openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { errorAnswer, jsonAnswer, noSuchPath, textAnswer, wrongMethod } from "./answers.ts";
import type { Call } from "./call.ts";
import { CALLS } from "./calls.ts";
import { readChatPath } from "./chat-path.ts";
import { PREFLIGHT_SECONDS } from "./constants.ts";
import { findChatSource } from "./find-chat-source.ts";
import { isChatOrigin } from "./is-chat-origin.ts";
import { limitCalls } from "./limit-calls.ts";
import { readBody } from "./read-body.ts";
import { assertFields } from "./read-fields.ts";
import { readQuery, versionOf } from "./read-query.ts";
import { readToken } from "./read-token.ts";

const PREFLIGHT_HEADERS = {
  "access-control-allow-methods": "OPTIONS, GET, POST, PUT, PATCH, DELETE",
  "access-control-allow-headers": "Content-Type, X-Amz-Date, Authorization, X-Api-Key",
  "access-control-max-age": String(PREFLIGHT_SECONDS),
};

const SOCKETS = { "/chat/ws": serveChatSocket, "/chat/presence-ws": servePresenceSocket };

/**
 * Chat on the app host: its wire contract, so its own answers, and its users' tokens instead of an API key.
 * `src/admin/chat-paths.ts` describes these calls. `/chat/<slug>/…` arrives here as `/chat/…`.
 */
export const chatRoutes = createRouter();

chatRoutes.onError((error, c) => errorAnswer(error, c.req.path));

chatRoutes.use("/chat/*", async (c, next) => {
  const origin = c.req.header("origin");
  if (origin === undefined || isUpgrade(c)) return next();
  const isAllowed = await isAllowedPage(c, origin);
  if (c.req.method === "OPTIONS" && !isAllowed) {
    return textAnswer(403, `Pages of ${origin} may not call this chat`, { vary: "origin" });
  }
  await next();
  c.header("vary", "origin", { append: true });
  if (!isAllowed) return;
  c.header("access-control-allow-origin", origin);
  c.header("access-control-allow-credentials", "true");
  c.header("access-control-expose-headers", "retry-after, www-authenticate");
});

chatRoutes.options("/chat/*", (c) => c.body(null, 204, PREFLIGHT_HEADERS));

for (const [path, serve] of Object.entries(SOCKETS)) {
  chatRoutes.get(path, (c) => serveSocket(c, serve));
  chatRoutes.all(path, (c) => wrongMethod(c.req.path, ["GET"]));
}
for (const call of CALLS) {
  chatRoutes.on(call.method, `/chat${call.path}`, (c) => serveCall(c, call));
}
for (const path of new Set(CALLS.map((call) => call.path))) {
  const methods = CALLS.filter((call) => call.path === path).map(({ method }) => method);
  chatRoutes.all(`/chat${path}`, (c) => wrongMethod(c.req.path, methods));
}
chatRoutes.all("/chat/*", (c) => noSuchPath(c.req.path));

/** A body is read when it is known whose it is. */
async function serveCall(c: Context<AdminEnv>, call: Call): Promise<Response> {
  const { source, user, deps } = await signIn(c, readToken(c.req.header("authorization")));
  await limitCalls({ ...deps, user });
  const query = readQuery(c.req.url, call);
  const version = versionOf(query, call);
  const body = call.method === "GET" ? {} : await readBody(c.req.raw);
  // Version 1 has always ignored what it does not know.
  if (version === 2) assertFields(body, call.fields ?? []);
  const ctx: ChatContext = { ...deps, source, user, version };
  const params = { conversationId: "", messageId: "", userId: "", ...c.req.param() };
  const answer = await call.serve(ctx, { params, query, body });
  return answer === undefined ? new Response(null, { status: 204 }) : jsonAnswer(200, answer);
}

async function serveSocket(c: Context<AdminEnv>, serve: typeof serveChatSocket) {
  try {
    const version = versionOf({ v: c.req.query("v") }, {});
    const token = readToken(c.req.query("Authorization") ?? c.req.header("authorization"));
    const { deps, source, user } = await signIn(c, token);
    await limitCalls({ ...deps, user });
    return await serve({ ...deps, source, user, version }, c.req.raw, c.executionCtx);
  } catch (error) {
    const refused = refuseSocket(c.req.raw, error);
    if (refused) return refused;
    throw error;
  }
}

async function signIn(c: Context<AdminEnv>, token: string | null) {
  const deps = depsOf(c);
  const chat = settingsOf(c);
  const source = await findChatSource(deps, slugOf(c), chat.defaultSource);
  if (token === null) throw new BatonError("unauthorized", "Send a token.");
  return { deps, source, user: await authenticateChat({ ...deps, chat }, source, token) };
}

function depsOf(c: Context<AdminEnv>): ChatDeps {
  return {
    db: openControl(c.env.DB),
    shards: openShards(c.env),
    bodies: c.env.BODIES,
    eventsQueue: c.env.EVENTS_QUEUE,
    channels: c.env.CHANNEL,
    rateLimits: c.env.RATE_LIMIT,
    settings: readSettings(c.env),
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
  };
}

function settingsOf(c: Context<AdminEnv>): ChatSettings {
  const settings = chatSettingsOrNull(c.env);
  if (settings) return settings;
  throw new ChatError(
    "unavailable",
    "Chat is not set up: one of its variables cannot be used. Its log names it.",
  );
}

function slugOf(c: Context<AdminEnv>): string | null {
  return readChatPath(getPath(c.req.raw)).slug;
}

async function isAllowedPage(c: Context<AdminEnv>, origin: string): Promise<boolean> {
  const chat = chatSettingsOrNull(c.env);
  if (!chat) return false;
  const deps = { db: openControl(c.env.DB), settings: readSettings(c.env), chat };
  return isChatOrigin(deps, slugOf(c), origin);
}

/** Sockets are open to every page: their token is in their address, and browsers send no cookie of ours along that would count. */
function isUpgrade(c: Context<AdminEnv>): boolean {
  return c.req.header("upgrade")?.toLowerCase() === "websocket";
}
