import type { SlotName } from "../rpc.ts";
import { spend } from "./budget.ts";
import { type Cause, type Change, loginSlot, note, type PairState, withSlot } from "./state.ts";

/** Begins a login: its place in the budget and its fence. Null: one runs already, or none may. */
export function lease(
  state: PairState,
  wish: { slot: SlotName; id: string; account: string | null; cause: Cause; now: number },
): Change | null {
  if (!state.running || state.hold || loginSlot(state)) return null;
  const { slot, id, account, cause, now } = wish;
  const fence = state.fence + 1;
  const login = {
    id,
    fence,
    account,
    step: "leased" as const,
    cause,
    startedAt: now,
    browserId: null,
    askedAt: now,
    sentSince: now,
    challengeId: null,
    sentAt: now,
    deadlineAt: 0,
    lookAt: 0,
    resends: 0,
    rejected: 0,
    typed: [],
  };
  return {
    state: withSlot({ ...state, fence, leases: spend(state, now) }, slot, { login }),
    notes: [note("login_started", slot, { sessionId: id, fence, cause })],
  };
}

/** Another portal logs in with the same phone, or somebody who is needed did not answer. */
export function postpone(state: PairState, until: number): Change {
  return { state: { ...state, loginAt: Math.max(state.loginAt, until) }, notes: [] };
}
