import type { ChatContext } from "../chat/index.ts";

/** Serves `/chat/ws/…`: 101, or 426 for a request that is no upgrade. Throws `BatonError` when there is no serving it. */
export async function serveChatSocket(
  _ctx: ChatContext,
  _request: Request,
  _execution: Pick<ExecutionContext, "waitUntil">,
): Promise<Response> {
  throw new Error("not built yet");
}
