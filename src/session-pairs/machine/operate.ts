import { HOUR_MS } from "../constants.ts";
import type { SlotName } from "../rpc.ts";
import { type Change, note, type PairState, type Slot, withSlot } from "./state.ts";

/** Nothing speaks against the next login. */
export const UNTROUBLED = {
  failures: 0,
  backupFailures: 0,
  failure: null,
  codesMissed: 0,
  loginAt: 0,
  backupAt: 0,
} as const satisfies Partial<PairState>;

/** Keeps the pair from now on. Null: it is kept already. */
export function start(state: PairState): Change | null {
  if (state.running) return null;
  return { state: { ...state, running: true }, notes: [note("started")] };
}

/** No sessions any more; those that were are to be logged out. `mode` is found out anew by the next logins. */
export function stop(state: PairState): Change | null {
  if (!state.running) return null;
  return {
    state: {
      ...state,
      running: false,
      // A login that runs finds its fence stale.
      fence: state.fence + 1,
      primary: null,
      mode: "pair",
      coexisted: false,
      slots: { A: emptied(state.slots.A), B: emptied(state.slots.B) },
    },
    notes: [note("stopped")],
  };
}

/** Without its login and its session, which is to be logged out. */
export const emptied = ({ session, past, rest }: Slot): Slot => ({
  login: null,
  session: null,
  rest: session ? "draining" : rest === "locked" || rest === "needs_human" ? rest : "empty",
  past: session ?? past,
});

/** Whether or not the site was told, and with which answer: the session that was given up is done with. */
export function restSlot(state: PairState, slot: SlotName, status: number | null): Change | null {
  if (state.slots[slot].rest !== "draining") return null;
  const rest = state.running ? "expired" : "empty";
  return { state: withSlot(state, slot, { rest }), notes: [note("logged_out", slot, { status })] };
}

/** A person has looked. The day's budget begins anew when it was what was waited for; the hour's holds. */
export function resume(state: PairState, now: number, by: "person" | "portal"): Change | null {
  if (!state.hold) return null;
  const { reason } = state.hold;
  const leases =
    reason === "budget_exhausted" ? state.leases.filter((at) => at > now - HOUR_MS) : state.leases;
  return {
    state: {
      ...state,
      leases,
      hold: null,
      ...UNTROUBLED,
      slots: { A: rested(state.slots.A), B: rested(state.slots.B) },
    },
    notes: [note("resumed", null, { reason, by })],
  };
}

/** What the hold waited for has come; the budget is as it is. Null: it waits for a person. */
export function endHold(state: PairState, now: number): Change | null {
  const { hold } = state;
  if (!hold || hold.until === null || hold.until > now) return null;
  return {
    state: {
      ...state,
      hold: null,
      slots: { A: rested(state.slots.A), B: rested(state.slots.B) },
    },
    notes: [note("resumed", null, { reason: hold.reason, by: "time" })],
  };
}

const rested = (slot: Slot): Slot => ({ ...slot, rest: slot.past ? "expired" : "empty" });

/** Another version of the Worker looks after the sessions. Null: it is the same. */
export function noticeVersion(
  state: PairState,
  version: string,
  ends: boolean,
  now: number,
): Change | null {
  if (state.version === version) return null;
  const isFirst = state.version === null;
  const seen = { ...state, version };
  if (isFirst) return { state: seen, notes: [] };
  const fields = { version, sessions: ends ? "logged_out" : "kept" };
  const after = ends
    ? {
        ...seen,
        primary: null,
        slots: { A: drained(state.slots.A), B: drained(state.slots.B) },
      }
    : {
        ...seen,
        slots: { A: dueForProbe(state.slots.A, now), B: dueForProbe(state.slots.B, now) },
      };
  return { state: after, notes: [note("deployed", null, fields)] };
}

const dueForProbe = (slot: Slot, now: number): Slot =>
  slot.session ? { ...slot, session: { ...slot.session, probeAt: now } } : slot;

const drained = (slot: Slot): Slot =>
  slot.session ? { ...slot, session: null, past: slot.session, rest: "draining" } : slot;
