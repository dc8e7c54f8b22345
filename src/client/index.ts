export { openChat } from "./chat.ts";
export type { Chat, ChatOptions, ChatState } from "./chat-options.ts";
export { ChatRefusal } from "./chat-refusal.ts";
export type {
  ChatHint,
  ChatMessage,
  ChatPush,
  NewMessage,
  SentMessage,
} from "./chat-types.ts";
export { ClientError } from "./client-error.ts";
export type { Timing } from "./constants.ts";
export type { Frame, Gap } from "./frame.ts";
export { frames, type Item } from "./frames.ts";
export { NdjsonParser } from "./ndjson-parser.ts";
export type { State, StreamOptions, SubscribeOptions, Subscription, Target } from "./options.ts";
export { type NewFrame, type PublishOptions, publish } from "./publish.ts";
export { type SseItem, SseParser } from "./sse-parser.ts";
export { subscribe } from "./subscribe.ts";
export type { Token } from "./token.ts";
export type { TransportName } from "./transport.ts";
