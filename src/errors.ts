/** One wrong field: `path` is dotted, `message` says how to mend it. */
export type FieldError = { path: string; message: string };

/**
 * Every error that is the caller's to mend. Verbs throw these; the edge maps them to
 * one problem document in `http-error.ts`. Anything else that is thrown is our own bug.
 */
export class BatonError extends Error {
  readonly code: ErrorCode;
  readonly errors?: FieldError[];
  readonly retryAfterSeconds?: number;
  /** Further members of the problem document. */
  readonly members?: Record<string, string | boolean>;

  constructor(
    code: ErrorCode,
    detail: string,
    more: Pick<BatonError, "errors" | "retryAfterSeconds" | "members"> = {},
  ) {
    super(detail);
    this.name = "BatonError";
    this.code = code;
    this.errors = more.errors;
    this.retryAfterSeconds = more.retryAfterSeconds;
    this.members = more.members;
  }
}

export type ErrorCode =
  | "malformed"
  | "unauthorized"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "too_large"
  | "uri_too_long"
  | "unsupported_media_type"
  | "refused"
  | "rate_limited"
  | "loop_detected"
  | "unavailable";

/** 404 for what does not exist, and for what belongs to another organization. */
export function notFound(what: string, id: string): BatonError {
  return new BatonError("not_found", `There is no ${what} ${id} in this organization.`);
}

/** 422 for valid JSON that is refused: names the field, the reason and the remedy. */
export function refused(path: string, message: string): BatonError {
  return new BatonError("refused", `${path}: ${message}`, { errors: [{ path, message }] });
}
