import { hashCode } from "./code-hash.ts";
import { heldLock, isOf } from "./enter-login.ts";
import type { KeptSms, MailboxState, WaitingChallenge } from "./mailbox-state.ts";
import { readCode } from "./read-code.ts";

export type FoundCode = { code: string; codeHash: string };

/** The challenge that may be answered now: its login has the phone, and its time is not over. */
export function liveChallenge(state: MailboxState, now: number): WaitingChallenge | null {
  const { challenge } = state;
  if (challenge === null || now >= challenge.deadlineAt) return null;
  const lock = heldLock(state, now);
  return lock && isOf(lock, challenge) ? challenge : null;
}

/**
 * The code of an SMS that may answer the challenge: received in its time, after the one that was taken last, from the
 * right sender, and neither handed out nor passed over before: also not for another login, within a day. Once another SMS
 * was asked for, a site may send an earlier login's code again by chance, and nothing else will come.
 */
export function eligibleCode(
  state: MailboxState,
  challenge: WaitingChallenge,
  sms: KeptSms,
): FoundCode | null {
  const { receivedAt, text, sender } = sms;
  if (sms.state !== "kept" || text === null) return null;
  if (receivedAt < challenge.sentAt - challenge.skewMs) return null;
  if (receivedAt >= challenge.deadlineAt) return null;
  if (challenge.takenUpTo !== null && receivedAt <= challenge.takenUpTo) return null;
  const code = readCode({ text, sender, receivedAt }, challenge);
  if (code === null) return null;
  const codeHash = hashCode(state.salt, code);
  const isSame = (other: { codeHash: string | null }) => other.codeHash === codeHash;
  const isAskedAnew = challenge.resentAt !== null && receivedAt >= challenge.resentAt;
  if (state.sms.some(isSame) || (!isAskedAnew && state.used.some(isSame))) return null;
  return { code, codeHash };
}
