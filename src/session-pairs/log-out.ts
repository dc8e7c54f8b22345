import { LOGOUT_TIMEOUT_MS } from "./constants.ts";
import { restSlot } from "./machine/operate.ts";
import type { Pair, UsablePortal } from "./pair.ts";
import type { SlotName } from "./rpc.ts";
import type { Snapshot } from "./snapshot.ts";
import { withinOrigins } from "./within-origins.ts";

/** All sessions that the pair has given up. */
export async function logOutAll(pair: Pair, portal: UsablePortal): Promise<void> {
  const slots = (["A", "B"] as const).filter((slot) => {
    const { rest, session } = pair.state.slots[slot];
    return rest === "draining" && !session;
  });
  await Promise.all(
    slots.map((slot) => pair.flights.run(`log_out:${slot}`, () => logOutSlot(pair, portal, slot))),
  );
}

/** Tells the site that a session is over which the pair has given up already. */
export async function logOutSlot(pair: Pair, portal: UsablePortal, slot: SlotName): Promise<void> {
  const fence = pair.state.slots[slot].past?.fence;
  const snapshot = fence === undefined ? null : await pair.jars.of({ slot, fence });
  const status = snapshot && (await askLogout(pair, portal, snapshot));
  pair.commit(restSlot(pair.state, slot, status));
}

/** The answer's status; null: the site was not asked, or did not answer. */
export async function askLogout(
  pair: Pair,
  portal: UsablePortal,
  snapshot: Snapshot,
): Promise<number | null> {
  const definition = withinOrigins(portal.definition, snapshot);
  const { site } = pair.parts;
  const request = site.logoutRequest(definition, snapshot);
  if (!request) return null;
  const answer = await site.send({ definition, snapshot, request, timeoutMs: LOGOUT_TIMEOUT_MS });
  return answer.kind === "answered" ? answer.status : null;
}
