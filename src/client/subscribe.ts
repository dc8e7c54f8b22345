import type { SubscribeOptions, Subscription } from "./options.ts";
import { Subscriber } from "./subscriber.ts";

/**
 * Subscribes to a channel: every frame comes once and in order, over any number of connections, or as a part of a gap
 * that is told. Connections that are lost are opened again without end, with growing waits; what the server refuses
 * (400, 401, 403, 404, 422 …) ends it, see `done`. Throws a TypeError for options that cannot be meant.
 */
export function subscribe(options: SubscribeOptions): Subscription {
  return new Subscriber(options);
}
