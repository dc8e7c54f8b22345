import { budgetLeft } from "./machine/budget.ts";
import { otherSlot, type PairState, type Rules } from "./machine/state.ts";
import { isWarmStandby } from "./machine/wish-login.ts";
import type { PairStatus, SlotName, SlotStatus } from "./rpc.ts";

/** A pair as people see it. `rules` null: its portal was not read yet, or cannot be used. */
export function toStatus(state: PairState, rules: Rules | null, now: number): PairStatus {
  const { running, epoch, primary, hold } = state;
  const shown = hold && {
    reason: hold.reason,
    since: hold.since,
    until: hold.until,
    evidenceId: hold.evidenceId,
  };
  // Before anybody has the role, the first login is the one to watch.
  const first = primary ?? "A";
  return {
    running,
    epoch,
    primary: slotStatus(state, first),
    backup: slotStatus(state, otherSlot(first)),
    hold: shown,
    mode: rules && isWarmStandby(state, rules) ? "warm_standby" : "pair",
    budget: rules ? budgetLeft(state, rules, now) : { hour: 0, day: 0 },
  };
}

/** Null: nothing was ever in it. */
function slotStatus(state: PairState, slot: SlotName): SlotStatus | null {
  const { login, session, past, rest } = state.slots[slot];
  if (!login && !session && !past && rest === "empty") return null;
  // A primary serves while its successor is being made.
  const shown = login && state.primary === slot && session ? null : login;
  const { readyAt = null, lastProbeAt = null, lastVerdict = null } = session ?? past ?? {};
  return {
    slot,
    sessionId: shown?.id ?? session?.id ?? past?.id ?? "",
    state: shown?.step ?? (session ? "ready" : rest),
    readyAt,
    lastProbeAt,
    lastVerdict,
  };
}
