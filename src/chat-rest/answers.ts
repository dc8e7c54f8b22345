import { CHAT_ERRORS, ChatError } from "../chat/index.ts";
import { BatonError } from "../errors.ts";
import { statusOf } from "../http-error.ts";
import { log } from "../log.ts";

const EXPIRED = "The incoming token has expired";
/** Of the text in a header, which an issuer's name may make long. */
const MAX_DESCRIPTION_CHARS = 500;

/** An error as chat's clients know it: a line of text. */
export function textAnswer(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  const contentType = { "content-type": "text/plain; charset=utf-8" };
  return new Response(text, { status, headers: { ...contentType, ...headers } });
}

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Response {
  return Response.json(body, { status, headers });
}

/**
 * The one place where an error of a call becomes its answer. An unknown one is a database or an object that did not
 * answer, or our bug: logged, and without its text. The call may be repeated, as frames of sockets may.
 */
export function errorAnswer(error: unknown, path: string): Response {
  if (error instanceof ChatError) {
    if (error.code === "token_expired") return unauthorized(error, EXPIRED);
    return textAnswer(CHAT_ERRORS[error.code], error.message, wait(error.retryAfterSeconds));
  }
  if (error instanceof BatonError) {
    if (error.code === "unauthorized") return unauthorized(error);
    return textAnswer(statusOf(error.code), error.message, wait(error.retryAfterSeconds));
  }
  log.error("chat_call_failed", { path, error });
  return textAnswer(503, "That failed here; try again", wait(1));
}

/**
 * The one error in JSON, with the words of the gateway that the clients were made for. What is wrong with the token
 * stands in the header (RFC 6750).
 */
function unauthorized({ message: why }: Error, message = "Unauthorized"): Response {
  const description = why.replace(/[^\x20-\x7e]|["\\]/g, "'").slice(0, MAX_DESCRIPTION_CHARS);
  return jsonAnswer(
    401,
    { message },
    { "www-authenticate": `Bearer error="invalid_token", error_description="${description}"` },
  );
}

function wait(seconds: number | undefined): Record<string, string> {
  return seconds === undefined ? {} : { "retry-after": String(seconds) };
}

export function noSuchPath(path: string): Response {
  return textAnswer(404, `There is no ${path} here`);
}

export function wrongMethod(path: string, methods: readonly string[]): Response {
  const allow = methods.join(", ");
  return textAnswer(405, `${path} takes ${allow}`, { allow });
}
