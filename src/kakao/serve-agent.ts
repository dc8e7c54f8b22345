import { log } from "../log.ts";
import { noSuchPath, plainError, wrongMethod } from "./answers.ts";
import type { KakaoDeps } from "./deps.ts";
import { type Caller, findCaller } from "./find-caller.ts";
import { limitAccount } from "./limit-account.ts";
import { serveReply } from "./serve-reply.ts";
import { streamEvents } from "./stream-events.ts";
import { hashToken } from "./tokens.ts";

type Serve = (ctx: KakaoDeps, caller: Caller, request: Request) => Promise<Response>;

const ROUTES: Record<string, { method: string; serve: Serve }> = {
  "/v1/events": { method: "GET", serve: streamEvents },
  "/openclaw/reply": { method: "POST", serve: serveReply },
};

/**
 * What agents call: `GET /v1/events` and `POST /openclaw/reply`. `path` is the one below the relay's own address. The
 * token is asked for first, so that a path that does not exist answers 401 without one. A fault of ours is 503: of a
 * 401 or 410 agents throw their token away.
 */
export async function serveAgent(
  ctx: KakaoDeps,
  request: Request,
  path: string,
): Promise<Response> {
  const token = readToken(request);
  if (token === null) return plainError(401, "Missing authentication token");
  let caller: Caller;
  try {
    const found = await findCaller(ctx, await hashToken(token));
    if (!("caller" in found)) return plainError(401, "Invalid token");
    caller = found.caller;
  } catch (error) {
    log.error("kakao_not_authenticated", { error });
    return unavailable("Authentication failed");
  }
  const route = ROUTES[path];
  if (!route) return noSuchPath();
  if (request.method !== route.method) return wrongMethod(route.method);
  try {
    return await serveLimited(ctx, caller, request, route.serve);
  } catch (error) {
    log.error("kakao_call_failed", { path, error });
    return unavailable("Service unavailable, try again");
  }
}

async function serveLimited(
  ctx: KakaoDeps,
  caller: Caller,
  request: Request,
  serve: Serve,
): Promise<Response> {
  const { allowed, headers } = await limitAccount(ctx, caller);
  const answer = allowed
    ? await serve(ctx, caller, request)
    : plainError(429, "Rate limit exceeded");
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return answer;
}

/** A token in the query is the one that counts, even a bad one. */
function readToken(request: Request): string | null {
  const inQuery = new URL(request.url).searchParams.get("token");
  if (inQuery) return inQuery;
  const header = request.headers.get("authorization") ?? "";
  return header.startsWith("Bearer ") ? header.slice("Bearer ".length).trim() || null : null;
}

function unavailable(error: string): Response {
  return plainError(503, error, { "retry-after": "1" });
}
