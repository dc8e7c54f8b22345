import { TEXT_AGE_MS, TRACE_AGE_MS, USED_AGE_MS } from "./constants.ts";
import { heldLock, owedTo } from "./enter-login.ts";
import type { KeptSms, MailboxState } from "./mailbox-state.ts";

/** Without what is over: texts after 10 minutes, traces of SMS after 20, used codes after a day, a lock that has run out. */
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
  const used = state.used.filter(({ at }) => at > now - USED_AGE_MS);
  const { challenge } = state;
  const claim =
    isOver && challenge ? owedTo(challenge, Math.min(challenge.deadlineAt, now)) : state.owed;
  const owed = (claim?.until ?? 0) > now ? claim : null;
  return { ...state, sms, used, owed, lock, challenge: isOver ? null : challenge, askedAt };
}

/** When there is something to forget next (ms UTC); null: nothing is left. */
export function nextForgetting({ sms, used, owed, lock, askedAt }: MailboxState): number | null {
  const times = sms.map(
    ({ text, receivedAt }) => receivedAt + (text === null ? TRACE_AGE_MS : TEXT_AGE_MS),
  );
  times.push(...used.slice(0, 1).map(({ at }) => at + USED_AGE_MS));
  if (owed) times.push(owed.until);
  if (lock) times.push(lock.until);
  if (askedAt !== null) times.push(askedAt + TRACE_AGE_MS);
  return times.length === 0 ? null : Math.min(...times);
}
