/** A login that waits for a code. Times are ms UTC. */
export type Challenge = {
  challengeId: string;
  portalId: string;
  /** The login's fence: rises with each login of the portal. */
  fence: number;
  /** Before the site was asked to send it. */
  sentAt: number;
  deadlineAt: number;
  /** When this login last asked the site for another SMS; null: it has not. */
  resentAt: number | null;
  /** Numbers that the portal's SMS come from; empty: any. They count only where the forwarder says who sent it. */
  senders: string[];
  /** RE2; its group `code`, or its first one, is the code. Null: the usual ways to write one. It too counts only with a sender. */
  pattern: string | null;
};

export type Sms = {
  /** The event that it came with: the same SMS offered twice is one. */
  eventId: string;
  /** When Baton received it; what the phone's clock says is no matter. */
  receivedAt: number;
  text: string;
  /** Null: the forwarder did not say. */
  sender: string | null;
};

/** One phone's codes. The object's name is `mailboxName(organizationId, phone)`. */
export type CodeMailboxRpc = {
  /**
   * The right to log in with this phone: one portal at a time. The same holder may ask again, which moves `until`.
   * Refused with when to ask again (ms UTC).
   */
  enter(wish: {
    portalId: string;
    fence: number;
    until: number;
  }): Promise<{ granted: true } | { granted: false; retryAt: number }>;
  leave(wish: { portalId: string; fence: number }): Promise<void>;
  /** From now on SMS are for this challenge; it ends an earlier one of the same portal. False: the portal has not entered. */
  expect(challenge: Challenge): Promise<boolean>;
  /** Keeps an SMS, and tells the portal whose challenge it may answer. The same event twice does nothing. */
  offer(sms: Sms): Promise<{ kept: boolean; challengeId: string | null }>;
  /**
   * The newest code that may answer the challenge, once: what is older is burnt. Null: none (yet). A code that was
   * handed out before is not handed out again, for anybody, within a day; to a login that has asked for another SMS,
   * within 20 minutes.
   */
  claim(wish: {
    challengeId: string;
    fence: number;
  }): Promise<{ code: string; receivedAt: number; codeHash: string } | null>;
};

export type CodeMailboxes = { getByName(name: string): CodeMailboxRpc };
