import { MAX_INLINE_WAIT_MS, PERMIT_LEAD_MS, RATE_MARGIN_MS } from "./constants.ts";

/** Times in ms UTC; they may have fractions. */
export type RateState = {
  /** No call goes before this time (GCRA's theoretical arrival time). */
  nextCallAt: number;
  /** The time that the next delivery which must wait is told to come back at. */
  nextSlotAt: number;
};

export const FRESH_RATE: RateState = { nextCallAt: 0, nextSlotAt: 0 };

export type Turn =
  /** The call may go at `at`, which is at most 1.5 s away. */
  | { kind: "go"; at: number; state: RateState }
  /** Come back at `until`. */
  | { kind: "slot"; until: number; state: RateState };

/** Time between two calls: evenly spaced, so that no sliding second has more than `perSecond` of them. */
export function intervalMs(perSecond: number): number {
  return (1000 + RATE_MARGIN_MS) / perSecond;
}

/**
 * The next call's time, or when to come back. Who waits long gets a slot of its own: a backlog comes back one by one,
 * and who comes later queues up behind it. `slotAt` is the slot that the delivery already has.
 */
export function takeTurn(
  state: RateState,
  { perSecond, slotAt, now }: { perSecond: number; slotAt: number | null; now: number },
): Turn {
  const interval = intervalMs(perSecond);
  const horizon = now + MAX_INLINE_WAIT_MS;
  if (slotAt !== null && slotAt > horizon) return { kind: "slot", until: slotAt, state };
  const at = Math.max(now + PERMIT_LEAD_MS, state.nextCallAt);
  const isTurn = slotAt !== null || state.nextSlotAt <= horizon;
  if (isTurn && at <= horizon) {
    return { kind: "go", at, state: { ...state, nextCallAt: at + interval } };
  }
  // Its slot has come but others were late: it stays at the front.
  if (slotAt !== null) return { kind: "slot", until: at, state };
  return takeSlot(state, at, interval);
}

/** The next call's time, however far away: for a permit that is out already and whose call was held up. */
export function takeLateTurn(
  state: RateState,
  { perSecond, now }: { perSecond: number; now: number },
): { at: number; state: RateState } {
  const at = Math.max(now + PERMIT_LEAD_MS, state.nextCallAt);
  return { at, state: { ...state, nextCallAt: at + intervalMs(perSecond) } };
}

/** The next free slot that is not before `from`. */
export function takeSlot(
  state: RateState,
  from: number,
  interval: number,
): Extract<Turn, { kind: "slot" }> {
  const until = Math.max(from, state.nextSlotAt);
  return { kind: "slot", until, state: { ...state, nextSlotAt: until + interval } };
}
