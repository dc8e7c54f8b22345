export { CodeMailbox } from "../../src/code-mailboxes/code-mailbox.do.ts";
export { SessionPair } from "../../src/session-pairs/session-pair.do.ts";

export default {
  fetch: () => new Response("This Worker serves Durable Objects only.", { status: 404 }),
} satisfies ExportedHandler<BrowserEnv>;
