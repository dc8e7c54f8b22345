import { BACKUP_DELAY_MS, EXPIRY_STEP_MS } from "../constants.ts";
import type { SlotName } from "../rpc.ts";
import type { Verdict } from "../verdict.ts";
import { learn } from "./prediction.ts";
import {
  type Change,
  note,
  otherSlot,
  type PairState,
  primaryOf,
  type Rules,
  type Session,
  withSlot,
} from "./state.ts";

/** Makes a slot the primary. */
export function promote(state: PairState, slot: SlotName, cause: string, now: number): Change {
  const epoch = state.epoch + 1;
  return {
    state: {
      ...state,
      epoch,
      primary: slot,
      backupAt: Math.max(state.backupAt, now + BACKUP_DELAY_MS),
    },
    notes: [note("promoted", slot, { epoch, cause })],
  };
}

/** Which session something was learned of. A slot that holds another one by now is left alone. */
export type SessionRef = { slot: SlotName; fence: number };

export function sessionAt(state: PairState, { slot, fence }: SessionRef): Session | null {
  const { session } = state.slots[slot];
  return session?.fence === fence ? session : null;
}

/** A session is over: the other one takes its role, when it lives. Null: it was over already. */
export function expireSession(
  state: PairState,
  ref: SessionRef,
  cause: string,
  rules: Pick<Rules, "onePerAccount">,
  now: number,
): Change | null {
  const session = sessionAt(state, ref);
  if (!session) return null;
  const { slot } = ref;
  const past = { ...session, lastVerdict: "out" as const, browserId: null };
  const lifeMs = now - session.readyAt;
  const isKilled = session.isDoubted && rules.onePerAccount === "auto" && !isOverdue(session, now);
  const hasHeldRest = state.hold !== null && state.slots[slot].rest !== "empty";
  const lives = session.isDoubted ? state.lives : learn(state.lives, lifeMs);
  const ended = withSlot({ ...state, lives }, slot, {
    session: null,
    past,
    rest: hasHeldRest ? state.slots[slot].rest : "expired",
  });
  const over = note("session_expired", slot, { cause, lifeMs });
  const other = otherSlot(slot);
  const isLost = state.primary === slot && state.slots[other].session !== null;
  const change = isLost ? promote(ended, other, cause, now) : { state: ended, notes: [] };
  const delayed = {
    ...change.state,
    backupAt: Math.max(change.state.backupAt, now + BACKUP_DELAY_MS),
  };
  const notes = [over, ...change.notes];
  if (!isKilled || state.mode === "warm_standby") return { state: delayed, notes };
  // A site that was seen to keep both has ended this one by chance; it must do so twice.
  if (state.coexisted) return { state: { ...delayed, coexisted: false }, notes };
  return {
    state: { ...delayed, mode: "warm_standby" },
    notes: [...notes, note("one_session_per_account")],
  };
}

/** Its end was expected: whoever logged in meanwhile need not have caused it. */
const isOverdue = ({ expiresAt }: Session, now: number) => expiresAt !== null && now >= expiresAt;

/** A probe's verdict, or an answer that showed the session logged in. */
export function recordProbe(
  state: PairState,
  ref: SessionRef,
  verdict: Verdict,
  rules: Pick<Rules, "probeEveryMs">,
  now: number,
): Change | null {
  const session = sessionAt(state, ref);
  if (!session) return null;
  const next = {
    ...session,
    lastProbeAt: now,
    lastVerdict: verdict,
    probeAt: now + rules.probeEveryMs,
    isDoubted: session.isDoubted && verdict !== "in",
  };
  const coexisted = state.coexisted || (session.isDoubted && verdict === "in");
  return { state: { ...withSlot(state, ref.slot, { session: next }), coexisted }, notes: [] };
}

/** Hands the primary's role to the backup. Null: the backup has no session, or one that is being replaced. */
export function failOver(state: PairState, now: number): Change | null {
  const primary = primaryOf(state);
  const backup = state.primary && otherSlot(state.primary);
  if (!primary || !backup) return null;
  const { session, login } = state.slots[backup];
  if (!session || login) return null;
  return promote(state, backup, "asked_for", now);
}

/**
 * The primary nears its end, and the backup is younger: swapped before any request fails. The older session stays as the
 * backup until it really ends: an expected end is a guess, and a login costs an SMS.
 */
export function swapRoles(state: PairState, now: number): Change | null {
  const primary = primaryOf(state);
  if (!primary) return null;
  const backup = otherSlot(primary.slot);
  const successor = state.slots[backup];
  if (!successor.session || successor.login) return null;
  return promote(state, backup, "rotation", now);
}

/** What the session's cookies now say about its end. Null: nothing new. */
export function renewExpiry(
  state: PairState,
  ref: SessionRef,
  expiresAt: number | null,
): Change | null {
  const session = sessionAt(state, ref);
  if (!session || session.expiresAt === expiresAt) return null;
  // A site that renews its cookie with each answer moves the end by as little as lies between two.
  const isNear =
    expiresAt !== null && Math.abs((session.expiresAt ?? 0) - expiresAt) < EXPIRY_STEP_MS;
  if (isNear) return null;
  return { state: withSlot(state, ref.slot, { session: { ...session, expiresAt } }), notes: [] };
}

/** Which browser's page sends the session's requests. */
export function keepBrowser(
  state: PairState,
  ref: SessionRef,
  browserId: string | null,
): Change | null {
  const session = sessionAt(state, ref);
  if (!session || session.browserId === browserId) return null;
  return { state: withSlot(state, ref.slot, { session: { ...session, browserId } }), notes: [] };
}
