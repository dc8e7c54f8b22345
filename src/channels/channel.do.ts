import { DurableObject } from "cloudflare:workers";

/** A realtime topic. It has no log or sockets yet: channels are built on it. */
export class Channel extends DurableObject<ObjectsEnv> {
  /** The topic's name, e.g. `source:src_…`; says that the object is reachable. */
  describe(): { name: string } {
    return { name: this.ctx.id.name ?? "" };
  }
}
