import { TEXT_AGE_MS, TRACE_AGE_MS } from "./constants.ts";
import { heldLock } from "./enter-login.ts";
import type { KeptSms, MailboxState } from "./mailbox-state.ts";

/** Without what is over: texts after 10 minutes, all that stood of an SMS after 20, a lock that has run out. */
export function forgetOld(state: MailboxState, now: number): MailboxState {
  const sms = state.sms
    .filter(({ receivedAt }) => receivedAt > now - TRACE_AGE_MS)
    .map((each): KeptSms => {
      const isOld = each.text !== null && each.receivedAt <= now - TEXT_AGE_MS;
      return isOld ? { ...each, text: null, sender: null } : each;
    });
  const lock = heldLock(state, now);
  const isOver = lock === null || (state.challenge?.deadlineAt ?? 0) <= now;
  const askedAt = (state.askedAt ?? 0) > now - TRACE_AGE_MS ? state.askedAt : null;
  return { ...state, sms, lock, challenge: isOver ? null : state.challenge, askedAt };
}

/** When there is something to forget next (ms UTC); null: nothing is left. */
export function nextForgetting({ sms, lock, askedAt }: MailboxState): number | null {
  const times = sms.map(
    ({ text, receivedAt }) => receivedAt + (text === null ? TRACE_AGE_MS : TEXT_AGE_MS),
  );
  if (lock) times.push(lock.until);
  if (askedAt !== null) times.push(askedAt + TRACE_AGE_MS);
  return times.length === 0 ? null : Math.min(...times);
}
