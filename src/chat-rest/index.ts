export { readChatPath } from "./chat-path.ts";
export { findChatSource } from "./find-chat-source.ts";
