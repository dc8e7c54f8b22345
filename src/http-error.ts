import { BatonError, type ErrorCode, type FieldError } from "./errors.ts";
import { log } from "./log.ts";

/** RFC 9457 problem details, media type `application/problem+json`. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldError[];
};

function statusAndTitle(code: ErrorCode): [number, string] {
  switch (code) {
    case "malformed":
      return [400, "Malformed request"];
    case "unauthorized":
      return [401, "Not authenticated"];
    case "forbidden":
      return [403, "Scope missing"];
    case "not_found":
      return [404, "Not found"];
    case "conflict":
      return [409, "Conflict"];
    case "too_large":
      return [413, "Too large"];
    case "uri_too_long":
      return [414, "URL too long"];
    case "unsupported_media_type":
      return [415, "Unsupported media type"];
    case "refused":
      return [422, "Refused"];
    case "rate_limited":
      return [429, "Too many requests"];
    case "loop_detected":
      return [508, "Loop detected"];
    case "unavailable":
      return [503, "Unavailable"];
  }
}

/** For answers in a form of their own. */
export function statusOf(code: ErrorCode): number {
  return statusAndTitle(code)[0];
}

/** The one place where an error becomes a response. An unknown error is our bug: logged, and a 500 without its text. */
export function problemResponse(error: unknown, extra: Record<string, unknown> = {}): Response {
  if (!(error instanceof BatonError)) {
    log.error("unhandled", { error });
    return problem(500, "Internal error", "Baton failed here; the request can be repeated.", {});
  }
  const [status, title] = statusAndTitle(error.code);
  const response = problem(status, title, error.message, {
    ...(error.errors ? { errors: error.errors } : {}),
    ...error.members,
    ...extra,
  });
  if (error.retryAfterSeconds !== undefined) {
    response.headers.set("retry-after", String(error.retryAfterSeconds));
  }
  if (error.code === "unauthorized") response.headers.set("www-authenticate", "Bearer");
  return response;
}

function problem(
  status: number,
  title: string,
  detail: string,
  extra: Record<string, unknown>,
): Response {
  const body = { type: "about:blank", title, status, detail, ...extra } satisfies Problem;
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}
