import { type OpenAPIHono, z } from "@hono/zod-openapi";
import {
  KakaoCodedError,
  KakaoError,
  NewCode,
  NewSession,
  Replied,
  Reply,
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
  describeAgentCalls(describe);
}

/** The token, of a session or the relay token of its account, goes into the header `Authorization: Bearer …`, or here. */
const query = z.object({ token: z.string().optional() });

const EVENTS = `An event stream (SSE): \`message\` for each message that waited, \`connected\`, then \`message\`, \`pairing_complete\`,
\`pairing_expired\` and \`unpaired\` as they happen; \`error\` before the relay ends a stream for good. It has no ids: what was not
delivered comes again with the next stream.`;

const REPLY = `Once for each message; a second answer is 409. Of a message whose callback URL has expired it is 400
\`CALLBACK_EXPIRED\`, and the answer goes with the user's next message.`;

const AGENT_PROBLEMS = { ...PROBLEMS, 401: "No token, or one of a session that has ended" };

function describeAgentCalls(
  describe: OpenAPIHono<AdminEnv>["openAPIRegistry"]["registerPath"],
): void {
  const problemsOf = <Status extends keyof typeof PROBLEMS>(...statuses: Status[]) =>
    Object.fromEntries(
      statuses.map((status) => [status, jsonResponse(KakaoError, AGENT_PROBLEMS[status])]),
    );
  describe({
    ...base,
    method: "get",
    path: "/v1/events",
    summary: "What an agent's users write, as it comes",
    description: EVENTS,
    request: { query },
    responses: {
      200: { description: "The stream", content: { "text/event-stream": { schema: z.string() } } },
      ...problemsOf(401, 429, 503),
    },
  });
  const refused = (text: string) => jsonResponse(KakaoCodedError, text);
  describe({
    ...base,
    method: "post",
    path: "/openclaw/reply",
    summary: "Answer a message",
    description: REPLY,
    request: { query, body: { content: { "application/json": { schema: Reply } } } },
    responses: {
      200: jsonResponse(Replied, "The user has it"),
      400: refused("Something is missing, Kakao would refuse it, or it came too late"),
      404: refused("This account has no such message"),
      409: refused("The message has been answered already"),
      502: refused("Kakao did not take it"),
      ...problemsOf(401, 413, 429, 503),
    },
  });
}

function errors(...statuses: (keyof typeof PROBLEMS)[]) {
  return Object.fromEntries(
    statuses.map((status) => [status, jsonResponse(KakaoError, PROBLEMS[status])]),
  );
}
