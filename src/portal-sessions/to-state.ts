import { type PairStatus, REASONS, type SlotStatus } from "../session-pairs/index.ts";
import { toRfc3339 } from "../time.ts";
import type { DualSession, PairState } from "./schemas.ts";

/** A pair as `/relay/dual-session` tells of it: these fields, and no others. */
export function toDualSession({ running, epoch, primary, backup }: PairStatus): DualSession {
  return { running, epoch, primary: toSlot(primary), backup: toSlot(backup) };
}

/** A pair with why it does not log in, if it does not. */
export function toState(status: PairStatus): PairState {
  const { hold, mode, budget } = status;
  return {
    ...toDualSession(status),
    hold: hold && {
      reason: hold.reason,
      text: REASONS[hold.reason].text,
      since: toRfc3339(hold.since),
      until: timeOf(hold.until),
      evidenceId: hold.evidenceId,
    },
    mode,
    budget: { hour: budget.hour, day: budget.day },
  };
}

function toSlot(slot: SlotStatus | null) {
  return (
    slot && {
      slot: slot.slot,
      sessionId: slot.sessionId,
      state: slot.state,
      readyAt: timeOf(slot.readyAt),
      lastProbeAt: timeOf(slot.lastProbeAt),
      lastVerdict: slot.lastVerdict,
    }
  );
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : toRfc3339(ms);
}
