import { type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  KakaoCodedError,
  KakaoError,
  NewCode,
  NewSession,
  SessionStatus,
} from "../kakao/schemas.ts";
import { jsonResponse } from "./openapi.ts";
import type { AdminEnv } from "./router.ts";

const base = { tags: ["KakaoTalk relay"], security: [] };
const token = z.object({ token: z.string() });

const PROBLEMS = {
  400: "The body is none that Kakao sends",
  401: "The signature is missing or wrong",
  404: "There is no such session, or it has ended",
  409: "The session has 5 open codes",
  413: "The body is over 1 MiB",
  429: "Too many of these calls from one address; `Retry-After` says how long to wait",
  503: "The relay is not set up, or its database cannot be asked",
};

const TOKEN =
  "Needs a session's token or an account's relay token: `Authorization: Bearer …`, or `?token=`.";

const REPLY_PROBLEMS = {
  400: "The body, or a limit of Kakao's; `CALLBACK_EXPIRED`: kept for the user's next message",
  401: "The token is unknown, or nobody has paired with its session",
  404: "There is no such message of this account",
  409: "It was answered before",
  429: "The account makes too many calls",
  502: "Kakao did not take it",
  503: "Try again",
};

/**
 * Describes what the relay serves to KakaoTalk channels and plugins. The same paths work below `/kakao/{slug}` for the
 * channel of another source. Its routes read their bodies themselves, as the contract says.
 */
export function describeRelay(app: OpenAPIHono<AdminEnv>): void {
  const describe: OpenAPIHono<AdminEnv>["openAPIRegistry"]["registerPath"] = (route) =>
    app.openAPIRegistry.registerPath(route);
  describe({
    ...base,
    method: "post",
    path: "/kakao/webhook",
    summary:
      "What a KakaoTalk channel's chatbot calls: a skill request; also `/kakao/{slug}/webhook`",
    description:
      "The body is Kakao's skill request, version 2.0, whatever more is in it. It is stored as an event of the source.",
    responses: {
      200: jsonResponse(z.looseObject({}), "A skill response, or that the callback URL gets it"),
      ...errors(400, 401, 413, 503),
    },
  });
  describe({
    ...base,
    method: "post",
    path: "/v1/sessions/create",
    summary: "Open a session for an agent; its user pairs with the code",
    responses: { 200: jsonResponse(NewSession, "The session"), ...errors(429, 503) },
  });
  describe({
    ...base,
    method: "get",
    path: "/v1/sessions/{token}/status",
    summary: "Whether a user has paired with a session",
    request: { params: token },
    responses: { 200: jsonResponse(SessionStatus, "The session"), ...errors(404, 429) },
  });
  describe({
    ...base,
    method: "post",
    path: "/v1/sessions/{token}/codes",
    summary: "A further pairing code of a session: its user joins the same account",
    request: { params: token },
    responses: { 200: jsonResponse(NewCode, "The code"), ...errors(404, 409, 429) },
  });
  describe({
    ...base,
    method: "get",
    path: "/v1/events",
    summary: "What users write, as Server-Sent Events",
    description: TOKEN,
    request: { query: z.object({ token: z.string().optional() }) },
    responses: {
      200: {
        description: "Messages that wait, `connected`, then what comes; a comment every 30 s",
        content: { "text/event-stream": { schema: z.string() } },
      },
      ...errors(401, 429, 503),
    },
  });
  describe({
    ...base,
    method: "post",
    path: "/openclaw/reply",
    summary: "Answer a message, once",
    description: `${TOKEN} The body is \`{"messageId", "response"}\`: a skill response, version 2.0.`,
    request: { query: z.object({ token: z.string().optional() }) },
    responses: {
      200: jsonResponse(
        z.object({ success: z.literal(true), deliveredAt: z.number().int() }),
        "Kakao has it",
      ),
      ...Object.fromEntries(
        Object.entries(REPLY_PROBLEMS).map(([status, text]) => [
          status,
          jsonResponse(KakaoCodedError, text),
        ]),
      ),
    },
  });
}

function errors(...statuses: (keyof typeof PROBLEMS)[]) {
  return Object.fromEntries(
    statuses.map((status) => [status, jsonResponse(KakaoError, PROBLEMS[status])]),
  );
}
