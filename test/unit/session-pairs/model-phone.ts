type Sms = { code: string; at: number; taken: boolean };
type Challenge = { portal: number; fence: number; id: string; sentAt: number; deadlineAt: number };

/** The mailbox that all accounts of a schedule share, by the rules of `CodeMailbox`. */
export class ModelPhone {
  lock: { portal: number; fence: number; until: number } | null = null;
  challenge: Challenge | null = null;
  sms: Sms[] = [];
  readonly handedOut = new Set<string>();

  enter(portal: number, fence: number, now: number, until: number): boolean {
    const held = this.lock && this.lock.until > now ? this.lock : null;
    if (held && (held.portal !== portal || held.fence > fence)) return false;
    this.lock = { portal, fence, until };
    return true;
  }

  leave(portal: number, fence: number): void {
    if (this.lock?.portal === portal && this.lock.fence <= fence) this.lock = this.challenge = null;
  }

  holds(portal: number, fence: number, now: number): boolean {
    const { lock } = this;
    return lock?.portal === portal && lock.fence === fence && lock.until > now;
  }

  claim(challenge: Challenge, now: number): { code: string; at: number } | null {
    if (!this.holds(challenge.portal, challenge.fence, now)) return null;
    this.challenge = challenge;
    if (now >= challenge.deadlineAt) return null;
    const fits = this.sms.filter(
      ({ taken, at, code }) => !taken && at >= challenge.sentAt && !this.handedOut.has(code),
    );
    const newest = fits.at(-1);
    for (const one of fits) {
      one.taken = true;
      this.handedOut.add(one.code);
    }
    return newest ?? null;
  }
}
