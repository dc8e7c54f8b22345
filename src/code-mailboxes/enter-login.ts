import { ASK_AGAIN_MS, LATE_SMS_MS, MAX_LOGIN_MS } from "./constants.ts";
import type { LoginLock, MailboxState, Step, WaitingChallenge } from "./mailbox-state.ts";

type Granted = { granted: true } | { granted: false; retryAt: number };

/**
 * Gives a login the phone, unless another portal's or a newer login of the same one has it, or another portal's SMS may
 * still come.
 */
export function enterLogin(state: MailboxState, wish: LoginLock, now: number): Step<Granted> {
  const held = heldLock(state, now);
  const isOthers = held && (held.portalId !== wish.portalId || held.fence > wish.fence);
  const owed = state.owed !== null && state.owed.portalId !== wish.portalId ? state.owed : null;
  const before = isOthers ? held : owed;
  if (before) {
    const retryAt = Math.min(before.until, now + ASK_AGAIN_MS);
    return { state, answer: { granted: false, retryAt } };
  }
  const { portalId, fence } = wish;
  const lock = { portalId, fence, until: Math.min(wish.until, now + MAX_LOGIN_MS) };
  const challenge = isOf(state.challenge, wish) ? state.challenge : null;
  return { state: { ...state, lock, challenge }, answer: { granted: true } };
}

/** Gives the phone back, and with it the challenge. A login that has lost it takes it from nobody. */
export function leaveLogin(
  state: MailboxState,
  wish: { portalId: string; fence: number },
  now: number,
): Step<void> {
  const { lock, challenge } = state;
  const isHolder = lock?.portalId === wish.portalId && lock.fence <= wish.fence;
  if (!isHolder) return { state, answer: undefined };
  const owed = challenge ? owedTo(challenge, now) : state.owed;
  return { state: { ...state, lock: null, challenge: null, owed }, answer: undefined };
}

/** What the site still owes a challenge that is over since `at` (ms UTC); null: its SMS came. */
export function owedTo(
  { portalId, takenUpTo }: WaitingChallenge,
  at: number,
): MailboxState["owed"] {
  return takenUpTo === null ? { portalId, until: at + LATE_SMS_MS } : null;
}

/** The lock, while it holds. */
export function heldLock({ lock }: MailboxState, now: number): LoginLock | null {
  return lock !== null && lock.until > now ? lock : null;
}

/** Whether something is of this very login. */
export function isOf(
  thing: { portalId: string; fence: number } | null,
  login: { portalId: string; fence: number },
): boolean {
  return thing?.portalId === login.portalId && thing.fence === login.fence;
}
