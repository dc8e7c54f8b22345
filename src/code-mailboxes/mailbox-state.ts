import type { Challenge } from "./rpc.ts";

/** Who may log in with the phone now. `until` in ms UTC. */
export type LoginLock = { portalId: string; fence: number; until: number };

/** An SMS that came, or what is left of it. Times are ms UTC. */
export type KeptSms = {
  eventId: string;
  receivedAt: number;
  /** Null: forgotten, or its code was handed out or burnt. */
  text: string | null;
  sender: string | null;
  /** `burnt`: passed over for a newer one. Neither that nor `claimed` is given to anybody again. */
  state: "kept" | "claimed" | "burnt";
  /** Of a code that was handed out or burnt. */
  codeHash: string | null;
};

export type WaitingChallenge = Challenge & {
  /** An SMS counts from this much before `sentAt`. */
  skewMs: number;
  /** When the newest SMS was received whose code it was given; nothing older is given to it. */
  takenUpTo: number | null;
};

/** A code that was handed out or burnt; `at` in ms UTC. */
export type UsedCode = { codeHash: string; at: number };

/** All that a mailbox knows. At most one challenge is there: the lock's holder's. */
export type MailboxState = {
  lock: LoginLock | null;
  challenge: WaitingChallenge | null;
  /** When a code was last asked for; a later challenge trusts no clock around its start. */
  askedAt: number | null;
  sms: KeptSms[];
  /** Oldest first. */
  used: UsedCode[];
  /** An SMS that a login of this portal asked for may still come. `until` in ms UTC. */
  owed: { portalId: string; until: number } | null;
  /** Goes into the hashes of codes, of which there are too few to be hidden by a plain one. */
  salt: string;
};

/** What a verb makes of a state. The same state: nothing is to be written. */
export type Step<T> = { state: MailboxState; answer: T };

export function emptyState(salt: string): MailboxState {
  return { lock: null, challenge: null, askedAt: null, sms: [], used: [], owed: null, salt };
}

/** True when nothing of it matters to anybody any more. */
export function isEmpty({ lock, challenge, askedAt, sms, used, owed }: MailboxState): boolean {
  const isIdle = lock === null && challenge === null && askedAt === null && owed === null;
  return isIdle && sms.length === 0 && used.length === 0;
}
