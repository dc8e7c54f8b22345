import type { Challenge, CodeMailboxes } from "../../src/code-mailboxes/index.ts";

type Kept = { code: string; receivedAt: number; taken: boolean };

/** A phone's mailbox, as little as a pair needs of one. */
export class PretendedPhone {
  readonly sms: Kept[] = [];
  readonly used: string[] = [];
  holder: { portalId: string; fence: number } | null = null;
  challenge: Challenge | null = null;
  /** Whether the mailbox tells of an SMS. */
  tells = true;
  isUnreachable = false;
  told: (challengeId: string) => Promise<void> = async () => {};
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async receive(code: string): Promise<void> {
    this.sms.push({ code, receivedAt: this.#now(), taken: false });
    if (this.challenge && this.tells) await this.told(this.challenge.challengeId);
  }

  readonly part: CodeMailboxes = {
    getByName: () => ({
      enter: async ({ portalId, fence }) => {
        this.#reach();
        if (this.holder && this.holder.portalId !== portalId) {
          return { granted: false, retryAt: this.#now() + 5_000 };
        }
        this.holder = { portalId, fence };
        return { granted: true };
      },
      leave: async ({ portalId }) => {
        this.#reach();
        if (this.holder?.portalId === portalId) this.holder = this.challenge = null;
      },
      expect: async (challenge) => {
        this.#reach();
        this.challenge = challenge;
        return true;
      },
      offer: async () => ({ kept: false, challengeId: null }),
      claim: async ({ challengeId }) => {
        this.#reach();
        const { challenge } = this;
        if (challenge?.challengeId !== challengeId) return null;
        const fits = this.sms.filter(
          ({ taken, receivedAt }) => !taken && receivedAt >= challenge.sentAt,
        );
        const newest = fits.at(-1);
        for (const one of fits) one.taken = true;
        if (!newest) return null;
        this.used.push(newest.code);
        const { code, receivedAt } = newest;
        return { code, receivedAt, codeHash: `hash-of-${code}` };
      },
    }),
  };

  #reach(): void {
    if (this.isUnreachable) throw new Error("the mailbox is not there");
  }
}
