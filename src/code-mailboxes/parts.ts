import type { SessionPairRpc } from "../session-pairs/index.ts";

/** What a mailbox has from outside. */
export type MailboxParts = {
  /** Milliseconds UTC. */
  now(): number;
  pairs: { getByName(portalId: string): Pick<SessionPairRpc, "codeArrived"> };
};

export function realParts(env: BrowserEnv): MailboxParts {
  return { now: Date.now, pairs: env.SESSION_PAIR as unknown as MailboxParts["pairs"] };
}
