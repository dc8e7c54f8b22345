export { CHAT_ERRORS, ChatError, type ChatErrorCode } from "./chat-error.ts";
export { MAX_CONTENT_CHARS, MAX_TEMP_ID_CHARS, MAX_USER_ID_CHARS } from "./constants.ts";
export { pushUnpushed } from "./push-unpushed.ts";
export {
  type ChatContext,
  type ChatDeps,
  type ChatUser,
  type ChatVersion,
  type Hint,
  type Message,
  type Push,
  type PushDeps,
  userTopic,
} from "./types.ts";
