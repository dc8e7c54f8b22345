import { readCapped } from "../destinations/index.ts";
import { exceedsDepth } from "../json-depth.ts";
import { type Answered, answerMessage } from "./answer-message.ts";
import { codedError, jsonAnswer } from "./answers.ts";
import { MAX_KAKAO_BODY_BYTES, MAX_REPLY_JSON_DEPTH } from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import type { Caller } from "./find-caller.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** `POST /openclaw/reply`: `{"messageId": "…", "response": {…}}`. */
export async function serveReply(
  ctx: KakaoDeps,
  { account }: Caller,
  request: Request,
): Promise<Response> {
  if (account === null) return codedError(401, "SESSION_NOT_PAIRED", "Session not paired");
  const body = await readBody(request);
  if (body === null) return codedError(400, "VALIDATION_ERROR", "Invalid request body");
  const { messageId, response } = body;
  if (messageId === undefined || messageId === null || messageId === "") {
    return codedError(400, "MISSING_REQUIRED", "messageId is required");
  }
  if (typeof messageId !== "string") {
    return codedError(400, "VALIDATION_ERROR", "Invalid request body");
  }
  const id = messageId.toLowerCase();
  if (!UUID.test(id)) return present({ kind: "unknown_message" });
  const answering = answerMessage(ctx, account.id, { messageId: id, response });
  // A client that gives up must not leave the record without the outcome.
  ctx.waitUntil(answering.catch(() => {}));
  return present(await answering);
}

function present(answered: Answered): Response {
  switch (answered.kind) {
    case "sent":
      return jsonAnswer(200, { success: true, deliveredAt: answered.at });
    case "unknown_message":
      return codedError(404, "NOT_FOUND", "Message not found");
    case "already_replied":
      return codedError(409, "ALREADY_REPLIED", "This message has been answered already");
    case "no_response":
      return codedError(400, "MISSING_REQUIRED", "response is required");
    case "bad_response":
      return codedError(400, "VALIDATION_ERROR", answered.problem);
    case "too_late": {
      const then = answered.kept
        ? "the answer is kept and goes with the user's next message"
        : `the answer was not kept: ${answered.problem}`;
      const error = `Callback URL expired or not available; ${then}`;
      return codedError(400, "CALLBACK_EXPIRED", error);
    }
    case "callback_failed": {
      const error = "Failed to send callback: Kakao callback failed";
      const { reason } = answered;
      return jsonAnswer(502, { error, code: "CALLBACK_FAILED", details: { reason } });
    }
  }
}

async function readBody(request: Request): Promise<Record<string, unknown> | null> {
  if (!request.body) return null;
  const { bytes, truncated } = await readCapped(request.body, MAX_KAKAO_BODY_BYTES);
  if (truncated) return null;
  const text = new TextDecoder().decode(bytes);
  if (exceedsDepth(text, MAX_REPLY_JSON_DEPTH)) return null;
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
