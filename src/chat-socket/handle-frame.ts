import {
  type ChatContext,
  deleteMessage,
  editMessage,
  readMessages,
  sendMessage,
} from "../chat/index.ts";
import type { ChatFrames } from "./frames.ts";
import { limitSends } from "./limit-sends.ts";

export type Stored = "send-message" | "read-messages" | "edit-message" | "delete-message";
type Handlers = { [A in Stored]: (ctx: ChatContext, frame: ChatFrames[A]) => Promise<object> };

/** What is done for each frame that changes something. Gives what its `ack` says. */
const HANDLERS = {
  async "send-message"(ctx, { conversationId, content, tempMessageId }) {
    await limitSends(ctx);
    const sent = await sendMessage(ctx, { conversationId, content, tempMessageId });
    return { conversationId, ...sent };
  },
  async "read-messages"(ctx, { conversationId, messageId }) {
    const read = await readMessages(ctx, {
      conversationId,
      ...(messageId !== undefined && { messageId }),
    });
    return { conversationId, ...read };
  },
  async "edit-message"(ctx, { conversationId, messageId, content }) {
    await limitSends(ctx);
    return { conversationId, ...(await editMessage(ctx, { conversationId, messageId, content })) };
  },
  async "delete-message"(ctx, { conversationId, messageId }) {
    await limitSends(ctx);
    return { conversationId, ...(await deleteMessage(ctx, { conversationId, messageId })) };
  },
} as const satisfies Handlers;

/** Does what a frame says. Its answer is for version 2; a client of version 1 is told by the push alone. */
export async function handleFrame(
  ctx: ChatContext,
  frame: ChatFrames[Stored],
): Promise<object | null> {
  const handle = HANDLERS[frame.action] as (
    ctx: ChatContext,
    frame: ChatFrames[Stored],
  ) => Promise<object>;
  const done = await handle(ctx, frame);
  if (ctx.version === 1) return null;
  const { action, tempMessageId } = frame;
  return {
    type: "ack",
    // Every other ack says of what; the one of a message is as the contract has it.
    ...(action !== "send-message" && { action }),
    ...(tempMessageId !== undefined && { tempMessageId }),
    ...done,
  };
}
