import { hold } from "./end-login.ts";
import { emptied, UNTROUBLED } from "./operate.ts";
import { promote } from "./roles.ts";
import { type Change, note, type PairState, primaryOf, type Slot } from "./state.ts";

/**
 * Gives up the sessions and the login of another account than the portal's. `marks`: the account's own, the current
 * key's first. Null: there is nothing to change.
 */
export function changeAccount(state: PairState, marks: string[], now: number): Change | null {
  const [mark] = marks;
  if (mark === undefined) return null;
  const isOthers = (thing: Marked) =>
    thing !== null && thing.account !== null && !marks.includes(thing.account);
  const { A, B } = state.slots;
  const things = [A.login, A.session, B.login, B.session];
  if (!things.some(isOthers)) {
    if (things.every((thing) => thing === null || thing.account === mark)) return null;
    // The master key is another one: by the next but one nobody would know the account again.
    return { state: { ...state, slots: { A: marked(A, mark), B: marked(B, mark) } }, notes: [] };
  }
  const without = (slot: Slot): Slot => ({
    ...slot,
    login: isOthers(slot.login) ? null : slot.login,
    ...(isOthers(slot.session) && { session: null, past: slot.session, rest: "draining" }),
  });
  const slots = { A: without(A), B: without(B) };
  const after: PairState = {
    ...state,
    // A login that runs finds its fence stale.
    fence: state.fence + 1,
    slots,
    // What was learned is the other account's.
    lives: [],
    mode: "pair",
    coexisted: false,
    ...UNTROUBLED,
  };
  const changed = note("account_changed");
  if (primaryOf(after)) return { state: after, notes: [changed] };
  const left = (["A", "B"] as const).find((slot) => slots[slot].session);
  if (!left) return { state: { ...after, primary: null }, notes: [changed] };
  const promoted = promote(after, left, "account_changed", now);
  return { state: promoted.state, notes: [changed, ...promoted.notes] };
}

/**
 * Gives up both sessions and the login: the portal has no account any more. What a person has to look at anyway stays
 * what it is. Null: there is nothing to change.
 */
export function loseAccount(state: PairState, now: number): Change | null {
  const { A, B } = state.slots;
  const isEmpty = [A, B].every(({ login, session }) => login === null && session === null);
  // The next login finds out by itself.
  if (isEmpty) return null;
  const lost: PairState = {
    ...state,
    // A login that runs finds its fence stale.
    fence: state.fence + 1,
    primary: null,
    mode: "pair",
    coexisted: false,
    slots: { A: emptied(A), B: emptied(B) },
    lives: [],
  };
  const gone = note("account_removed");
  if (state.hold !== null && state.hold.until === null) return { state: lost, notes: [gone] };
  const failure = {
    reason: "credentials_missing",
    evidenceId: null,
    credentials: null,
    now,
  } as const;
  const held = hold(lost, state.primary ?? "A", failure);
  // The slots are still to be logged out.
  return { state: { ...held.state, slots: lost.slots }, notes: [gone, ...held.notes] };
}

type Marked = { account: string | null } | null;

const marked = (slot: Slot, account: string): Slot => ({
  ...slot,
  login: slot.login && { ...slot.login, account },
  session: slot.session && { ...slot.session, account },
});
