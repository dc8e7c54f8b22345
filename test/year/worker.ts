import { CodeMailbox as ShippedMailbox } from "../../src/code-mailboxes/code-mailbox.do.ts";
import type { Challenge, Sms } from "../../src/code-mailboxes/index.ts";
import { realParts as realMailboxParts } from "../../src/code-mailboxes/parts.ts";
import type { PairStatus, RelayAnswer, RelayRequest } from "../../src/session-pairs/index.ts";
import { realParts } from "../../src/session-pairs/real-parts.ts";
import { SessionPair as ShippedPair } from "../../src/session-pairs/session-pair.do.ts";
import { yearClock } from "./clock.ts";
import { createHttpBrowser, yearBrowsers } from "./http-browser.ts";

export { default } from "../../workers/browser/index.ts";

const clock = yearClock();
const now = () => clock.now;

/** The shipped object with another clock and another browser, and nothing else. */
export class SessionPair extends ShippedPair {
  constructor(ctx: DurableObjectState, env: BrowserEnv) {
    super(ctx, env, {
      ...realParts(env, now),
      after: (ms, run) => clock.after(ms, run),
      chance: () => yearBrowsers().chance.next(),
      browser: createHttpBrowser(),
    });
  }

  /** Requests that come in at the same time, in one call: that is far cheaper here. */
  async requests(inputs: RelayRequest[]): Promise<RelayAnswer[]> {
    return this.#tell(() =>
      Promise.all(inputs.map((input) => this.request(input).finally(() => clock.left()))),
    );
  }

  alarmAt(): Promise<number | null> {
    return this.ctx.storage.getAlarm();
  }

  /** Comes back when what is under way in memory has come to its end. */
  poke(): Promise<void> {
    return this.alarm();
  }

  override alarm(): Promise<void> {
    return this.#tell(() => super.alarm());
  }

  override tick(): Promise<PairStatus> {
    return this.#tell(() => super.tick());
  }

  override codeArrived(challengeId: string): Promise<void> {
    return this.#tell(() => super.codeArrived(challengeId));
  }

  override start(): Promise<PairStatus> {
    return this.#tell(() => super.start());
  }

  override resume(): Promise<PairStatus> {
    return this.#tell(() => super.resume());
  }

  /** The alarm that was set meanwhile is known without asking for it. */
  async #tell<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      clock.alarms.set(this.ctx.id.name ?? "", await this.ctx.storage.getAlarm());
    }
  }
}

export class CodeMailbox extends ShippedMailbox {
  constructor(ctx: DurableObjectState, env: BrowserEnv) {
    super(ctx, env, { ...realMailboxParts(env), now });
  }

  override offer(sms: Sms) {
    return this.#tell(() => super.offer(sms));
  }

  override expect(challenge: Challenge): Promise<boolean> {
    return this.#tell(() => super.expect(challenge));
  }

  override leave(wish: { portalId: string; fence: number }): Promise<void> {
    return this.#tell(() => super.leave(wish));
  }

  override alarm(): Promise<void> {
    return this.#tell(() => super.alarm());
  }

  async #tell<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      clock.alarms.set(this.ctx.id.name ?? "", await this.ctx.storage.getAlarm());
    }
  }
}
