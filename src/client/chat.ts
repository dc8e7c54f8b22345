import type { Chat, ChatOptions } from "./chat-options.ts";
import { ChatSession } from "./chat-session.ts";

/**
 * Opens a chat as its version 2 has it: every push of the user's conversations comes once and in order, over any number
 * of connections, or as a part of a gap that is told; a message is sent until the server has it, and is stored once.
 * Connections that are lost are opened again without end, with growing waits; what the server refuses (401, 403, 404 …)
 * ends it, see `done`. Throws a TypeError for options that cannot be meant.
 */
export function openChat(options: ChatOptions): Chat {
  return new ChatSession(options);
}
