import { MAX_USED_CODES } from "./constants.ts";
import { eligibleCode, type FoundCode, liveChallenge } from "./eligible-code.ts";
import type { KeptSms, MailboxState, Step } from "./mailbox-state.ts";

type Claimed = { code: string; receivedAt: number; codeHash: string };

/** Hands out the newest code that may answer the challenge; older ones that could have are burnt. */
export function claimCode(
  state: MailboxState,
  wish: { challengeId: string; fence: number },
  now: number,
): Step<Claimed | null> {
  const challenge = liveChallenge(state, now);
  const isAsking = challenge?.challengeId === wish.challengeId && challenge.fence === wish.fence;
  if (!isAsking) return { state, answer: null };
  const found = new Map<string, FoundCode>();
  let newest: KeptSms | null = null;
  for (const sms of state.sms) {
    const code = eligibleCode(state, challenge, sms);
    if (!code) continue;
    found.set(sms.eventId, code);
    if (newest === null || sms.receivedAt > newest.receivedAt) newest = sms;
  }
  const taken = newest && found.get(newest.eventId);
  if (!newest || !taken) return { state, answer: null };
  const { eventId, receivedAt } = newest;
  const sms = state.sms.map((each): KeptSms => {
    const code = found.get(each.eventId);
    if (!code) return each;
    const end = each.eventId === eventId ? "claimed" : "burnt";
    return { ...each, text: null, sender: null, state: end, codeHash: code.codeHash };
  });
  const gone = [...found.values()].map(({ codeHash }) => ({ codeHash, at: now }));
  const used = [...state.used, ...gone].slice(-MAX_USED_CODES);
  return {
    state: { ...state, sms, used, challenge: { ...challenge, takenUpTo: receivedAt } },
    answer: { ...taken, receivedAt },
  };
}
