import type { Context } from "hono";
import { type AdminEnv, createRouter } from "../admin/index.ts";
import { readSettings } from "../context.ts";
import { openControl, openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { statusOf } from "../http-error.ts";
import { log } from "../log.ts";
import { jsonAnswer, noSuchPath, plainError, sessionError, wrongMethod } from "./answers.ts";
import { createCode } from "./create-code.ts";
import { createSession } from "./create-session.ts";
import type { KakaoDeps } from "./deps.ts";
import { findRelaySource } from "./find-relay-source.ts";
import { findSessionId, getSessionStatus } from "./get-session-status.ts";
import { handleWebhook } from "./handle-webhook.ts";
import { limitAddress } from "./limit-address.ts";
import { declaresTooMuch } from "./read-body.ts";
import { readRelayPath } from "./relay-path.ts";
import { serveAgent } from "./serve-agent.ts";
import { kakaoSettingsOrNull } from "./settings.ts";

const WEBHOOKS = ["/kakao/webhook", "/kakao-talkchannel/webhook"];
const CREATE = "/v1/sessions/create";
const STATUS = "/v1/sessions/:token/status";
const CODES = "/v1/sessions/:token/codes";
/** Everything below these is the relay's, also what it does not have. */
const OWN_PATHS = ["/v1/*", "/openclaw/*", "/kakao/*", "/kakao-talkchannel/*"];

/**
 * The relay between KakaoTalk channels and agents, on the app host: its wire contract, so its own answers, and no API
 * key. `src/admin/relay-paths.ts` describes these calls.
 */
export const kakaoRoutes = createRouter();

kakaoRoutes.onError((error, c) => {
  const answer = c.req.path.startsWith("/v1/sessions/") ? sessionError : plainError;
  if (error instanceof BatonError) {
    const { code, message, retryAfterSeconds: seconds } = error;
    const headers: Record<string, string> = seconds ? { "retry-after": String(seconds) } : {};
    return answer(statusOf(code), message, headers);
  }
  log.error("kakao_unhandled", { error });
  return answer(500, "Internal server error");
});

for (const path of OWN_PATHS) {
  kakaoRoutes.use(path, async (c, next) => {
    if (declaresTooMuch(c.req.raw)) return plainError(413, "Request body too large");
    return next();
  });
}

for (const path of WEBHOOKS) {
  kakaoRoutes.post(path, async (c) => {
    const deps = depsOf(c);
    return handleWebhook(deps, await sourceOf(c, deps), c.req.raw);
  });
  kakaoRoutes.all(path, () => wrongMethod("POST"));
}

kakaoRoutes.post(CREATE, async (c) => {
  const deps = depsOf(c);
  const source = await sourceOf(c, deps);
  const tooMany = await refuseTooMany(c, deps, "create");
  if (tooMany) return tooMany;
  try {
    const { sessionId: _, ...session } = await createSession(deps, source);
    return jsonAnswer(200, session);
  } catch (error) {
    log.error("kakao_session_not_created", { error });
    return sessionError(500, "Failed to create session");
  }
});
kakaoRoutes.all(CREATE, () => wrongMethod("POST"));

kakaoRoutes.get(STATUS, async (c) => {
  const deps = depsOf(c);
  const tooMany = await refuseTooMany(c, deps, "status");
  if (tooMany) return tooMany;
  const status = await getSessionStatus(deps, c.req.param("token"));
  return status ? jsonAnswer(200, status) : sessionError(404, "Session not found");
});
kakaoRoutes.all(STATUS, () => wrongMethod("GET, HEAD"));

kakaoRoutes.post(CODES, async (c) => {
  const deps = depsOf(c);
  const tooMany = await refuseTooMany(c, deps, "status");
  if (tooMany) return tooMany;
  const id = await findSessionId(deps, c.req.param("token"));
  const created = id === null ? null : await createCode(deps, id);
  if (created?.kind === "created") return jsonAnswer(200, created.code);
  if (created?.kind === "too_many") {
    return sessionError(409, "Too many open pairing codes; use one, or wait until one expires");
  }
  return sessionError(404, "Session not found");
});
kakaoRoutes.all(CODES, () => wrongMethod("POST"));

// What plugins probe, as the relay's router answers a wrong method there.
for (const path of ["/", "/health"]) kakaoRoutes.all(path, () => wrongMethod("GET, HEAD"));
kakaoRoutes.all("/v1/sessions/*", () => noSuchPath());
for (const path of ["/v1/*", "/openclaw/*"]) {
  kakaoRoutes.all(path, (c) => serveAgent(depsOf(c), c.req.raw, c.req.path));
}
for (const path of OWN_PATHS) kakaoRoutes.all(path, () => noSuchPath());

function depsOf(c: Context<AdminEnv>): KakaoDeps {
  const kakao = kakaoSettingsOrNull(c.env);
  if (!kakao) {
    throw new BatonError(
      "unavailable",
      "This relay is not set up: one of its variables cannot be used. Its log names it.",
    );
  }
  return {
    db: openControl(c.env.DB),
    shards: openShards(c.env),
    bodies: c.env.BODIES,
    eventsQueue: c.env.EVENTS_QUEUE,
    channels: c.env.CHANNEL,
    rateLimits: c.env.RATE_LIMIT,
    settings: readSettings(c.env),
    kakao,
    waitUntil: (promise) => c.executionCtx.waitUntil(promise),
  };
}

function sourceOf(c: Context<AdminEnv>, deps: KakaoDeps) {
  return findRelaySource(deps, readRelayPath(new URL(c.req.url).pathname).slug);
}

async function refuseTooMany(
  c: Context<AdminEnv>,
  deps: KakaoDeps,
  call: "create" | "status",
): Promise<Response | null> {
  const waitSeconds = await limitAddress(deps, call, c.req.raw.headers);
  if (waitSeconds === null) return null;
  const headers = { "retry-after": String(waitSeconds) };
  return sessionError(429, "Too many requests. Please try again later.", headers);
}
