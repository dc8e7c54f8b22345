import { SessionPair as ShippedPair } from "../../src/session-pairs/session-pair.do.ts";
import { partsOf } from "./pair-parts.ts";

export { CodeMailbox } from "../../src/code-mailboxes/code-mailbox.do.ts";
export { default } from "../../workers/browser/index.ts";

/** The shipped object; a test that has given its portal another outside gets that. */
export class SessionPair extends ShippedPair {
  constructor(ctx: DurableObjectState, env: BrowserEnv) {
    super(ctx, env, partsOf(ctx.id.name));
  }
}
