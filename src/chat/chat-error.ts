/** Every fault of a chat client: the code in error frames, the status over REST. */
export const CHAT_ERRORS = {
  /** No JSON object, or not of the shape of its action. */
  bad_frame: 400,
  unknown_action: 400,
  unknown_field: 400,
  missing_field: 400,
  invalid_field: 400,
  content_too_long: 400,
  frame_too_large: 413,
  token_expired: 401,
  /** Of a conversation that does not exist, or that the user is no participant of. */
  conversation_not_found: 404,
  message_not_found: 404,
  /** Only who wrote a message may change it; only groups have members that change. */
  not_allowed: 403,
  blocked: 403,
  too_many_participants: 400,
  rate_limited: 429,
  unavailable: 503,
} as const;
export type ChatErrorCode = keyof typeof CHAT_ERRORS;

/** A fault that the client can do something about. `message` says what. */
export class ChatError extends Error {
  readonly code: ChatErrorCode;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ChatErrorCode, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = "ChatError";
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
