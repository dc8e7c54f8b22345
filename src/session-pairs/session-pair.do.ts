import { DurableObject } from "cloudflare:workers";

/** A portal's primary and backup browser sessions. */
export class SessionPair extends DurableObject<BrowserEnv> {
  /** The portal's id, and whether Browser Rendering is bound; says that the object is reachable. */
  describe(): { name: string; browser: boolean } {
    return { name: this.ctx.id.name ?? "", browser: this.env.BROWSER !== undefined };
  }
}
