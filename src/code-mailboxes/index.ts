export { mailboxName } from "./mailbox-name.ts";
export type { Challenge, CodeMailboxes, CodeMailboxRpc, Sms } from "./rpc.ts";
