export { ChatError } from "./chat-error.ts";
export { pushUnpushed } from "./push-unpushed.ts";
export type { ChatUser } from "./types.ts";
