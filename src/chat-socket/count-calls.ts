import type { ChatContext } from "../chat/index.ts";
import { MAX_CALLS } from "./constants.ts";

/** What a connection has asked of databases and objects; says when that is all it may. */
export class CallCount {
  #total = 0;
  readonly #onMost: () => void;

  constructor(onMost: () => void) {
    this.#onMost = onMost;
  }

  add(calls: number): void {
    this.#total += calls;
    if (this.#total >= MAX_CALLS) this.#onMost();
  }
}

/** A stored event is an object, a row and a message of a queue. */
const CALLS_AN_EVENT = 3;

/** The same context; what is asked of objects and queues through it is counted. */
export function countCalls(ctx: ChatContext, calls: CallCount): ChatContext {
  const { channels, rateLimits, eventsQueue } = ctx;
  return {
    ...ctx,
    channels: {
      getByName: (name) => {
        calls.add(1);
        return channels.getByName(name);
      },
    },
    rateLimits: {
      getByName: (name) => {
        calls.add(1);
        return rateLimits.getByName(name);
      },
    },
    eventsQueue: Object.assign(Object.create(eventsQueue), {
      send: (...message: Parameters<typeof eventsQueue.send>) => {
        calls.add(CALLS_AN_EVENT);
        return eventsQueue.send(...message);
      },
      sendBatch: (...batch: Parameters<typeof eventsQueue.sendBatch>) => {
        calls.add(CALLS_AN_EVENT);
        return eventsQueue.sendBatch(...batch);
      },
    }) as typeof eventsQueue,
  };
}
