import { and, eq, gte, isNull, lt } from "drizzle-orm";
import { shardOfId } from "../context.ts";
import { events } from "../db/schema/events.ts";
import { ORDER_LOOKBACK_MS, orderKeyOf, type Place, readsBody } from "../gates/index.ts";
import { firstIdAt } from "../ids.ts";
import { log } from "../log.ts";
import { MAX_MATCHED_BODY_BYTES } from "../rules/index.ts";
import type { ConsumerDeps } from "./deps.ts";
import { inlineBody, type LoadedEvent } from "./load-events.ts";
import type { OpenDestination } from "./open-destination.ts";
import type { PlannedDelivery } from "./plan-deliveries.ts";

type Waiting = { id: string; attempt: number; nextAttemptAt?: number | null };

/** A delivery's place in its gate's line. A replay has the place of its event, whatever its edits. */
export async function placeOf(
  deps: ConsumerDeps,
  { id, attempt, nextAttemptAt }: Waiting,
  event: LoadedEvent,
  destination: OpenDestination,
): Promise<Place> {
  const orderKey = destination.gate?.orderKey ?? null;
  const place = { deliveryId: id, eventId: event.id, attempt, dueAt: nextAttemptAt ?? null };
  if (orderKey === null) return { ...place, key: null };
  const body = readsBody(orderKey) ? await bodyForKey(deps, event) : null;
  return { ...place, key: await orderKeyOf(orderKey, { ...event, body }) };
}

async function bodyForKey(deps: ConsumerDeps, event: LoadedEvent) {
  const inline = inlineBody(event);
  if (inline || !event.bodyKey || event.size > MAX_MATCHED_BODY_BYTES) return inline;
  const object = await deps.bodies.get(event.bodyKey);
  return object ? new Uint8Array(await object.arrayBuffer()) : null;
}

/**
 * Tells the gates of ordered deliveries before their events are marked routed: once every earlier event is routed, the
 * gate knows all that comes before. Returns the events whose gate could not be told; they must be routed later.
 */
export async function enqueueOrdered(
  deps: ConsumerDeps,
  planned: readonly PlannedDelivery[],
): Promise<Set<string>> {
  const ordered = planned.filter(
    ({ row, destination }) => row.status === "pending" && destination.gate?.orderKey,
  );
  const untold = new Set<string>();
  const byDestination = Map.groupBy(ordered, ({ destination }) => destination.id);
  for (const [destinationId, group] of byDestination) {
    const gate = group[0]?.destination.gate;
    if (!gate) continue;
    try {
      const places = await Promise.all(
        group.map(({ row, event, destination }) => placeOf(deps, row, event, destination)),
      );
      const withKey = places.filter(({ key }) => key !== null);
      if (withKey.length > 0) await deps.gates.getByName(destinationId).enqueue(gate, withKey);
    } catch (error) {
      log.error("order_not_kept", { destinationId, error });
      for (const { event } of group) untold.add(event.id);
    }
  }
  return untold;
}

/**
 * True while an earlier event of the same source is not routed: its delivery, which may come first, is not made yet.
 * A delivery that has waited for that long goes all the same.
 */
export async function hasUnroutedBefore(
  deps: ConsumerDeps,
  event: LoadedEvent,
  { createdAt }: { createdAt: number },
): Promise<boolean> {
  if (Date.now() - createdAt > ORDER_LOOKBACK_MS) return false;
  const oldest = firstIdAt("event", event.receivedAt - ORDER_LOOKBACK_MS);
  const row = await shardOfId(deps, "event", event.id)
    .select({ id: events.id })
    .from(events)
    .where(
      and(
        gte(events.id, oldest),
        lt(events.id, event.id),
        eq(events.sourceId, event.sourceId),
        eq(events.status, "stored"),
        isNull(events.routedAt),
      ),
    )
    .limit(1);
  return row.length > 0;
}
