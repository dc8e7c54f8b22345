import { ClientError } from "./client-error.ts";

const PASSING_CODES = ["rate_limited", "unavailable", "token_expired"];

/** What the server refused of a chat. `code`: of the list of docs/chat.md, e.g. `blocked`. */
export class ChatRefusal extends ClientError {
  readonly code: string;
  readonly action: string | undefined;
  readonly retryAfterMs: number;

  constructor({ code, message, action, retryAfterSeconds }: Record<string, unknown>) {
    super(typeof message === "string" ? message : "The server refused it.");
    this.name = "BatonChatRefusal";
    this.code = typeof code === "string" ? code : "unknown";
    this.action = typeof action === "string" ? action : undefined;
    this.retryAfterMs = typeof retryAfterSeconds === "number" ? retryAfterSeconds * 1000 : 0;
  }

  /** The same frame may be taken later, or over a connection with another token. */
  get isPassing(): boolean {
    return PASSING_CODES.includes(this.code);
  }
}
