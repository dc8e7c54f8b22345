import { z } from "zod";
import { type IdKind, shardOf } from "../ids.ts";

const idInShards = (kind: IdKind, shards: number) =>
  z.string().refine((id) => (shardOf(kind, id) ?? shards) < shards, {
    error: `no ${kind} id of one of the ${shards} event databases`,
  });

/** A message body on the `events` queue. An id of a database that is not bound is malformed: no try would find it. */
export const eventTask = (shards: number) =>
  z.object({ eventId: idInShards("event", shards), sourceId: z.string() });
export type EventTask = z.infer<ReturnType<typeof eventTask>>;

/** A message body on the `deliveries` queue. */
export const deliveryTask = (shards: number) =>
  z.object({
    deliveryId: idInShards("delivery", shards),
    /** The gate that asks for the delivery, and how many tries it had had then. */
    gate: z.object({ destinationId: z.string(), attempt: z.number() }).optional(),
    /** Somebody asked for it: it does not rest while its destination is out of order. */
    byHand: z.literal(true).optional(),
  });
export type DeliveryTask = z.infer<ReturnType<typeof deliveryTask>>;
