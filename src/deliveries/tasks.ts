import { z } from "zod";
import { shardOf } from "../ids.ts";

const idOfKind = (kind: "event" | "delivery") =>
  z.string().refine((id) => shardOf(kind, id) !== null, `no ${kind} id`);

/** A message body on the `events` queue. */
export const EventTask = z.object({ eventId: idOfKind("event"), sourceId: z.string() });
export type EventTask = z.infer<typeof EventTask>;

/** A message body on the `deliveries` queue. */
export const DeliveryTask = z.object({ deliveryId: idOfKind("delivery") });
export type DeliveryTask = z.infer<typeof DeliveryTask>;
