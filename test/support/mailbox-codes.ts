import { type Challenge, type CodeMailboxes, mailboxName } from "../../src/code-mailboxes/index.ts";

let challenges = 0;

/** A login that waits for a code of a phone, as a portal's pair does; `claim` is what it would type. */
export async function awaitCode(
  mailboxes: CodeMailboxes,
  organizationId: string,
  phone: string,
  more: Partial<Challenge> = {},
) {
  const mailbox = mailboxes.getByName(mailboxName(organizationId, phone));
  const sentAt = Date.now();
  const challenge: Challenge = {
    challengeId: `challenge_${challenges++}`,
    portalId: "prt_waiting",
    fence: challenges,
    sentAt,
    deadlineAt: sentAt + 180_000,
    resentAt: null,
    senders: [],
    pattern: null,
    ...more,
  };
  const { challengeId, portalId, fence, deadlineAt } = challenge;
  const { granted } = await mailbox.enter({ portalId, fence, until: deadlineAt });
  if (!granted || !(await mailbox.expect(challenge)))
    throw new Error(`${phone} is another login's`);
  return { mailbox, challenge, claim: () => mailbox.claim({ challengeId, fence }) };
}
