export { MAX_TEXT_CHARS, TEXT_AGE_MS } from "./constants.ts";
export { mailboxName } from "./mailbox-name.ts";
export type { Challenge, CodeMailboxes, CodeMailboxRpc, Sms } from "./rpc.ts";
