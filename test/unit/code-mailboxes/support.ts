import { claimCode } from "../../../src/code-mailboxes/claim-code.ts";
import { enterLogin, leaveLogin } from "../../../src/code-mailboxes/enter-login.ts";
import { expectCode } from "../../../src/code-mailboxes/expect-code.ts";
import { forgetOld } from "../../../src/code-mailboxes/forget-old.ts";
import {
  emptyState,
  type MailboxState,
  type Step,
} from "../../../src/code-mailboxes/mailbox-state.ts";
import { offerSms } from "../../../src/code-mailboxes/offer-sms.ts";
import type { Challenge, Sms } from "../../../src/code-mailboxes/rpc.ts";

export const T0 = Date.UTC(2026, 10, 21);

/** A mailbox in memory, with a clock of its own. */
export function makeMailbox() {
  let state: MailboxState = emptyState("salt");
  const box = {
    now: T0,
    state: () => state,
    enter: (portalId: string, fence: number, forMs = 200_000) =>
      apply((s, now) => enterLogin(s, { portalId, fence, until: now + forMs }, now)),
    leave: (portalId: string, fence: number) =>
      apply((s, now) => leaveLogin(s, { portalId, fence }, now)),
    expect: (challenge: Challenge) => apply((s, now) => expectCode(s, challenge, now)),
    offer: (sms: Sms) => apply((s, now) => offerSms(s, sms, now)),
    claim: (challengeId: string, fence: number) =>
      apply((s, now) => claimCode(s, { challengeId, fence }, now)),
    forget: () => {
      state = forgetOld(state, box.now);
    },
  };
  function apply<T>(verb: (state: MailboxState, now: number) => Step<T>): T {
    const step = verb(forgetOld(state, box.now), box.now);
    state = step.state;
    return step.answer;
  }
  return box;
}

export type Box = ReturnType<typeof makeMailbox>;

export function challengeOf(box: Box, more: Partial<Challenge> = {}): Challenge {
  return {
    challengeId: "c1",
    portalId: "prt_a",
    fence: 1,
    sentAt: box.now,
    deadlineAt: box.now + 180_000,
    resentAt: null,
    senders: [],
    pattern: null,
    ...more,
  };
}

let events = 0;

export function smsOf(box: Box, text: string, more: Partial<Sms> = {}): Sms {
  return { eventId: `evt_${events++}`, receivedAt: box.now, text, sender: null, ...more };
}

/** A mailbox in which a login waits for its code. */
export function waitingBox(more: Partial<Challenge> = {}): Box {
  const box = makeMailbox();
  const challenge = challengeOf(box, more);
  box.enter(challenge.portalId, challenge.fence);
  box.expect(challenge);
  return box;
}
