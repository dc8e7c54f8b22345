import { MIN_PHASE, REFRESH_AT } from "../constants.ts";
import type { SlotName } from "../rpc.ts";
import { budgetAllowsAt, budgetLeft } from "./budget.ts";
import { urgentAt } from "./prediction.ts";
import {
  type Cause,
  loginSlot,
  otherSlot,
  type PairState,
  primaryOf,
  type Rules,
  type Session,
} from "./state.ts";

/** The next login, and when; `spent`: no login is left for the day, and no session, until one is (ms UTC). */
export type LoginWish =
  | { kind: "login"; slot: SlotName; cause: Cause; at: number }
  | { kind: "spent"; slot: SlotName; until: number }
  | null;

export function wishLogin(state: PairState, rules: Rules, now: number): LoginWish {
  if (!state.running || state.hold || loginSlot(state)) return null;
  const primary = primaryOf(state);
  if (!primary) {
    const slot = state.primary ?? "A";
    const allowedAt = budgetAllowsAt(state, rules, now, false);
    if (budgetLeft(state, rules, now).day === 0) return { kind: "spent", slot, until: allowedAt };
    const at = Math.max(state.loginAt, allowedAt);
    return { kind: "login", slot, cause: "no_session", at };
  }
  if (isWarmStandby(state, rules)) return null;
  const slot = otherSlot(primary.slot);
  const backup = state.slots[slot].session;
  const dueAt = backup ? refreshAt(backup, primary.session) : 0;
  if (dueAt === null) return null;
  // Without a successor in time no session would be left: that is what the reserve is for.
  const urgent = backup ? null : urgentAt(primary.session);
  const wanted = Math.max(dueAt, state.backupAt, state.loginAt, now);
  const ahead = budgetAllowsAt(state, rules, wanted, true);
  const pressed =
    urgent === null ? ahead : budgetAllowsAt(state, rules, Math.max(wanted, urgent), false);
  return {
    kind: "login",
    slot,
    cause: backup ? "refresh" : "no_backup",
    at: Math.min(ahead, pressed),
  };
}

/** The site keeps one session per account: a backup would end the primary. */
export function isWarmStandby(
  { mode }: Pick<PairState, "mode">,
  { onePerAccount }: Pick<Rules, "onePerAccount">,
): boolean {
  return onePerAccount === "yes" || (onePerAccount === "auto" && mode === "warm_standby");
}

/**
 * When a backup that lives is replaced; null: not ahead of its end. When both would end together it is made anew early,
 * once, and from then on they take turns.
 */
function refreshAt(backup: Session, primary: Session): number | null {
  if (backup.expiresAt === null) return null;
  const lifeMs = backup.expiresAt - backup.readyAt;
  const phase = Math.abs(backup.readyAt - primary.readyAt);
  return phase < lifeMs * MIN_PHASE ? backup.readyAt + lifeMs * REFRESH_AT : null;
}
