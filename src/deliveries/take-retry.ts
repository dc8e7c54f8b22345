import type { Context } from "../context.ts";
import { BatonError } from "../errors.ts";
import { toRfc3339 } from "../time.ts";
import { claimForListener } from "./claim-delivery.ts";
import { endWaiting } from "./end-waiting.ts";
import { getDeliveryInOrganization } from "./get-delivery.ts";
import type { Taken, TakeRetry } from "./listen-schemas.ts";
import { assertEnabled, claimingDeps, findListener } from "./listener.ts";
import { loadEvents } from "./load-events.ts";
import { presentTaken } from "./take-event.ts";
import { listenerDueAt } from "./waiting-columns.ts";

/** Gives a listener a delivery that waits for it and is due; 409 for every other one. */
export async function takeRetry(ctx: Context, id: string, input: TakeRetry): Promise<Taken> {
  const { row } = await getDeliveryInOrganization(ctx, id);
  const listener = await findListener(ctx, row.destinationId);
  if (!listener) {
    throw new BatonError("conflict", "Only deliveries to a `listen` destination can be claimed.");
  }
  assertEnabled(listener);
  const event = (await loadEvents(ctx, [row.eventId])).get(row.eventId);
  if (!event) {
    await endWaiting(ctx, id, "event_deleted");
    throw new BatonError("conflict", "The event of this delivery was deleted.");
  }
  const claimed = await claimForListener(claimingDeps(ctx), id, input.timeoutMs);
  if (claimed) return presentTaken(claimed, event);
  const dueAt = listenerDueAt(row);
  throw new BatonError(
    "conflict",
    dueAt === null
      ? `Only a waiting delivery can be claimed; this one is ${row.status}.`
      : `It is due at ${toRfc3339(dueAt)}, or somebody else has just claimed it.`,
  );
}
