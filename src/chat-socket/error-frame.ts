import { ChatError, type ChatErrorCode } from "../chat/index.ts";
import { BatonError, type ErrorCode } from "../errors.ts";

/** What a client is told of its frame. `retryAfterSeconds`: the same frame is taken then. */
export type ErrorFrame = {
  type: "error";
  code: ChatErrorCode | ErrorCode;
  message: string;
  action?: string;
  tempMessageId?: unknown;
  retryAfterSeconds?: number;
};

/** Which frame an error is about. */
export type About = { action?: string; tempMessageId?: unknown };

/** An error as a frame. Of one that is our own fault it says only that the same frame may be sent again. */
export function errorFrame(error: unknown, { action, tempMessageId }: About = {}): ErrorFrame {
  return {
    type: "error",
    ...describe(error),
    ...(action !== undefined && { action }),
    ...(tempMessageId !== undefined && { tempMessageId }),
  };
}

function describe(error: unknown): Pick<ErrorFrame, "code" | "message" | "retryAfterSeconds"> {
  if (!(error instanceof ChatError || error instanceof BatonError)) {
    const message = "That failed here; send it again, with the same tempMessageId if it has one.";
    return { code: "unavailable", message, retryAfterSeconds: 1 };
  }
  const { code, message, retryAfterSeconds } = error;
  return { code, message, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}
