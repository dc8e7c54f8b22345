import { inArray, sql } from "drizzle-orm";
import type { Deps } from "../context.ts";
import { destinations } from "../db/schema/control.ts";
import { gateConfigOf, type Resting } from "../gates/index.ts";
import { log } from "../log.ts";

type Ended = { id: string; destinationId: string };

/**
 * Tells the gates of deliveries that ended without a permit, so that the next one of the key goes. Never throws: what a
 * gate does not hear of here, it asks after later.
 */
export async function settleGates(
  deps: Pick<Deps, "db" | "gates">,
  ended: readonly Ended[],
): Promise<void> {
  if (ended.length === 0) return;
  const byDestination = Map.groupBy(ended, ({ destinationId }) => destinationId);
  const ids = JSON.stringify([...byDestination.keys()]);
  try {
    const rows = await deps.db
      .select()
      .from(destinations)
      .where(inArray(destinations.id, sql`(SELECT value FROM json_each(${ids}))`));
    const gated = rows.filter((row) => gateConfigOf(row) !== null).map(({ id }) => id);
    await Promise.all(
      gated.map((id) => settleGate(deps, id, byDestination.get(id)?.map((row) => row.id) ?? [])),
    );
  } catch (error) {
    log.warn("gates_not_told", { count: ended.length, error });
  }
}

/** The same for one destination that is known to have a gate. */
export async function settleGate(
  deps: Pick<Deps, "gates">,
  destinationId: string,
  ids: string[],
): Promise<void> {
  try {
    await deps.gates.getByName(destinationId).settle(ids);
  } catch (error) {
    log.warn("gates_not_told", { destinationId, count: ids.length, error });
  }
}

/** Tells a gate of deliveries that it has sent for, and that wait for their next try. */
export async function restInGate(
  deps: Pick<Deps, "gates">,
  destinationId: string,
  tried: Resting[],
): Promise<void> {
  try {
    await deps.gates.getByName(destinationId).rest(tried);
  } catch (error) {
    log.warn("gates_not_told", { destinationId, count: tried.length, error });
  }
}
