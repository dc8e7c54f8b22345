import { MAX_BLOCKED_TRIES } from "./constants.ts";
import type { Cut } from "./cut.ts";
import type { StreamOptions } from "./options.ts";
import { runPoll } from "./poll.ts";
import { hasSockets, runSocket } from "./socket.ts";
import { runNdjson, runSse } from "./stream.ts";
import type { Transport, TransportName } from "./transport.ts";

export const TRANSPORTS = {
  ws: runSocket,
  sse: runSse,
  ndjson: runNdjson,
  poll: runPoll,
} satisfies Record<TransportName, Transport>;

/** The transport of the next connection: the one that was asked for, or with `auto` the first that comes through. */
export class TransportChoice {
  readonly #names: TransportName[];
  #blocked = 0;

  constructor({ transport = "auto", path }: Pick<StreamOptions, "transport" | "path">) {
    if (transport !== "auto" && !Object.hasOwn(TRANSPORTS, transport)) {
      throw new TypeError(
        `transport: ${transport} is none of ${Object.keys(TRANSPORTS).join()},auto`,
      );
    }
    this.#names = transport === "auto" ? automatic(path !== undefined) : [transport];
  }

  get name(): TransportName {
    return this.#names[0] ?? "poll";
  }

  /** Notes how a connection ended. True: the next one has another transport. */
  change(cut: Cut): boolean {
    const isBlocked = cut.kind === "lost" && cut.isBlocked === true;
    this.#blocked = isBlocked ? this.#blocked + 1 : 0;
    if (this.#blocked < MAX_BLOCKED_TRIES || this.#names.length < 2) return false;
    this.#names.shift();
    this.#blocked = 0;
    return true;
  }
}

function automatic(hasPath: boolean): TransportName[] {
  if (hasPath) return ["sse"];
  return hasSockets() ? ["ws", "sse", "poll"] : ["sse", "poll"];
}
