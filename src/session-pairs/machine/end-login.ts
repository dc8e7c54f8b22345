import { PAUSE_MS } from "../constants.ts";
import { REASONS, type Reason } from "../reasons.ts";
import { UNTROUBLED } from "./operate.ts";
import { promote } from "./roles.ts";
import {
  type Change,
  loginOf,
  note,
  otherSlot,
  type PairState,
  primaryOf,
  type Session,
  withSlot,
} from "./state.ts";

/** The login is done: its session takes the slot, and the primary's role when nobody has it. */
export function finishLogin(
  state: PairState,
  fence: number,
  { expiresAt, now }: { expiresAt: number | null; now: number },
): Change | null {
  const found = loginOf(state, fence);
  if (!found) return null;
  const { slot, login } = found;
  const before = state.slots[slot].session;
  const session: Session = {
    id: login.id,
    fence,
    account: login.account,
    readyAt: now,
    expiresAt,
    lastProbeAt: null,
    lastVerdict: null,
    probeAt: now,
    isDoubted: false,
    browserId: null,
  };
  const ready = withSlot({ ...state, ...UNTROUBLED }, slot, {
    login: null,
    session,
    rest: "empty",
    past: before ?? state.slots[slot].past,
  });
  const other = otherSlot(slot);
  const sibling = ready.slots[other].session;
  const doubted = sibling
    ? withSlot(ready, other, { session: { ...sibling, isDoubted: true, probeAt: now } })
    : ready;
  const done = note("login_done", slot, { fence, ms: now - login.startedAt });
  if (primaryOf(state)) return { state: doubted, notes: [done] };
  const promoted = promote(doubted, slot, "logged_in", now);
  return { state: promoted.state, notes: [done, ...promoted.notes] };
}

export type Failure = {
  reason: Reason;
  evidenceId: string | null;
  /** Marks the credentials that were used, without telling them. */
  credentials: string | null;
  /** 0 … 1. */
  chance: number;
  now: number;
};

/**
 * The login is over without a session. A backup's pauses hold up nobody who has no session. What follows is the reason's; one SMS that does not come is bad luck.
 */
export function failLogin(state: PairState, fence: number, failure: Failure): Change | null {
  const found = loginOf(state, fence);
  if (!found) return null;
  const { slot } = found;
  const { reason, now } = failure;
  const isFirstMiss = reason === "code_missing" && state.codesMissed === 0;
  const next = isFirstMiss ? "later" : REASONS[reason].next;
  const hasPrimary = primaryOf(state) !== null;
  const which = hasPrimary ? "backupFailures" : "failures";
  const failures = state[which] + 1;
  const counted = {
    ...state,
    [which]: failures,
    failure: reason,
    codesMissed: reason === "code_missing" ? state.codesMissed + 1 : 0,
  };
  const failed = note("login_failed", slot, { fence, reason, evidenceId: failure.evidenceId });
  if (next === "later") {
    const again = now + pauseMs(failures, failure.chance);
    const paused = hasPrimary ? { backupAt: again } : { loginAt: again };
    return {
      state: withSlot({ ...counted, ...paused }, slot, { login: null, rest: "cooldown" }),
      notes: [failed],
    };
  }
  const held = hold(withSlot(counted, slot, { login: null }), slot, failure);
  return { state: held.state, notes: [failed, ...held.notes] };
}

const RESTS = { human: "needs_human", locked: "locked", later: "cooldown" } as const;

/** No login from now on until a person has looked, or before `until` (ms UTC). */
export function hold(
  state: PairState,
  slot: "A" | "B",
  { reason, evidenceId, credentials, now }: Omit<Failure, "chance">,
  until: number | null = null,
): Change {
  const rest = RESTS[REASONS[reason].next];
  return {
    state: withSlot(
      { ...state, hold: { reason, since: now, until, evidenceId, credentials } },
      slot,
      { rest },
    ),
    notes: [note("held", slot, { reason, evidenceId })],
  };
}

/** After the `failures`-th failure in a row. */
export function pauseMs(failures: number, chance: number): number {
  const pause = Math.min(PAUSE_MS.max, PAUSE_MS.first * 2 ** (failures - 1));
  return Math.round(pause * (1 + PAUSE_MS.spread * (2 * chance - 1)));
}
