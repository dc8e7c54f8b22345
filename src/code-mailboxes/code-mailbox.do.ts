import { DurableObject } from "cloudflare:workers";

/** One phone's login codes. */
export class CodeMailbox extends DurableObject<BrowserEnv> {}
