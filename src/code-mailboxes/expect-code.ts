import { CLOCK_SKEW_MS, MAX_LOGIN_MS } from "./constants.ts";
import { heldLock, isOf } from "./enter-login.ts";
import type { MailboxState, Step, WaitingChallenge } from "./mailbox-state.ts";
import type { Challenge } from "./rpc.ts";

/** From now on SMS are for this challenge, and the phone is the login's until its deadline. False: it has not entered. */
export function expectCode(state: MailboxState, challenge: Challenge, now: number): Step<boolean> {
  const lock = heldLock(state, now);
  if (!lock || !isOf(lock, challenge)) return { state, answer: false };
  const same = state.challenge?.challengeId === challenge.challengeId ? state.challenge : null;
  const waiting: WaitingChallenge = {
    ...challenge,
    // A late SMS of an earlier challenge may lie in the slack between two clocks.
    skewMs: same?.skewMs ?? (state.askedAt === null ? CLOCK_SKEW_MS : 0),
    takenUpTo: same?.takenUpTo ?? null,
  };
  const until = Math.max(lock.until, Math.min(challenge.deadlineAt, now + MAX_LOGIN_MS));
  const askedAt = Math.max(state.askedAt ?? 0, challenge.sentAt);
  return {
    state: { ...state, lock: { ...lock, until }, challenge: waiting, askedAt },
    answer: true,
  };
}
