import type { Reason } from "../reasons.ts";
import type { Hold, SlotName } from "../rpc.ts";
import type { Verdict } from "../verdict.ts";

/** Everything a pair remembers, as one JSON row. Pure data; times are ms UTC. */

export type LoginStep =
  | "leased"
  | "browser"
  | "credentials_sent"
  | "awaiting_code"
  | "code_submitted"
  | "verifying";

/** Why a login is made. */
export type Cause = "no_session" | "no_backup" | "refresh";

export type Login = {
  id: string;
  fence: number;
  /** Mark of the account; null: unknown. */
  account: string | null;
  step: LoginStep;
  cause: Cause;
  startedAt: number;
  browserId: string | null;
  /** When the site was last asked for an SMS, before it was. */
  askedAt: number;
  /** When the site had done it. */
  sentSince: number;
  challengeId: string | null;
  /** Codes that came before it do not answer the challenge. */
  sentAt: number;
  deadlineAt: number;
  /** When to look into the mailbox again. */
  lookAt: number;
  resends: number;
  rejected: number;
  /** SHA-256 of the codes that were typed. */
  typed: string[];
};

export type Session = {
  id: string;
  /** Of the login that made it. */
  fence: number;
  /** Mark of the account; null: unknown. */
  account: string | null;
  readyAt: number;
  /** When the site is expected to end it; null: unknown. */
  expiresAt: number | null;
  lastProbeAt: number | null;
  lastVerdict: Verdict | null;
  /** When it is to be probed next. */
  probeAt: number;
  /** The other slot was logged in since it was last seen alive: that may have ended it. */
  isDoubted: boolean;
  /** The browser whose page sends its requests. */
  browserId: string | null;
};

/** What a slot is without a login that runs and a session that lives. */
export type Rest = "empty" | "draining" | "expired" | "cooldown" | "locked" | "needs_human";

export type Slot = {
  login: Login | null;
  /** Lives on while its successor is being made. */
  session: Session | null;
  rest: Rest;
  /** The last session that ended. */
  past: Session | null;
};

export type PairState = {
  running: boolean;
  epoch: number;
  primary: SlotName | null;
  /** Of the last login; rises with each. */
  fence: number;
  slots: Record<SlotName, Slot>;
  hold: (Hold & { credentials: string | null }) | null;
  mode: "pair" | "warm_standby";
  /** Both sessions lived on after the last login of one of them. */
  coexisted: boolean;
  /** When logins were leased, of the last day. */
  leases: number[];
  /** Logins that failed while no session was left, one after another. */
  failures: number;
  /** The same of those for a backup: they hold up no login that requests wait for. */
  backupFailures: number;
  /** Why the last one of either kind did. */
  failure: Reason | null;
  /** Logins that no SMS came for, one after another. */
  codesMissed: number;
  /** No login before it. */
  loginAt: number;
  /** No login for a backup, new or in place of another, before it. */
  backupAt: number;
  /** How long sessions lived, the latest last. */
  lives: number[];
  /** Version of the Worker that last looked at the sessions. */
  version: string | null;
};

const EMPTY: Slot = { login: null, session: null, rest: "empty", past: null };

export const FRESH_STATE: PairState = {
  running: false,
  epoch: 0,
  primary: null,
  fence: 0,
  slots: { A: EMPTY, B: EMPTY },
  hold: null,
  mode: "pair",
  coexisted: false,
  leases: [],
  failures: 0,
  backupFailures: 0,
  failure: null,
  codesMissed: 0,
  loginAt: 0,
  backupAt: 0,
  lives: [],
  version: null,
};

/** What the portal's definition says to the machine. */
export type Rules = {
  probeEveryMs: number;
  budget: { perHour: number; perDay: number };
  lifeMs: number | null;
  onePerAccount: "auto" | "yes" | "no";
  smsTimeoutMs: number;
  canResend: boolean;
};

/** An entry of the audit that belongs to a change of state. */
export type Note = {
  what: string;
  slot: SlotName | null;
  fields: Record<string, string | number | null>;
};

/** A new state, with what is written down about it. */
export type Change = { state: PairState; notes: Note[] };

export const otherSlot = (slot: SlotName): SlotName => (slot === "A" ? "B" : "A");

export function withSlot(state: PairState, slot: SlotName, patch: Partial<Slot>): PairState {
  return { ...state, slots: { ...state.slots, [slot]: { ...state.slots[slot], ...patch } } };
}

/** The slot whose login runs; null: none does. */
export function loginSlot(state: PairState): SlotName | null {
  if (state.slots.A.login) return "A";
  return state.slots.B.login ? "B" : null;
}

/** The login that a fence allows to go on; null: it is over, or another one has begun. */
export function loginOf(state: PairState, fence: number): { slot: SlotName; login: Login } | null {
  const slot = loginSlot(state);
  const login = slot && state.slots[slot].login;
  return slot && login?.fence === fence ? { slot, login } : null;
}

/** The primary with its session; null: requests must wait. */
export function primaryOf(state: PairState): { slot: SlotName; session: Session } | null {
  const session = state.primary && state.slots[state.primary].session;
  return state.primary && session ? { slot: state.primary, session } : null;
}

export function note(
  what: string,
  slot: SlotName | null = null,
  fields: Note["fields"] = {},
): Note {
  return { what, slot, fields };
}
