import { DurableObject } from "cloudflare:workers";
import { randomSecret } from "../crypto.ts";
import { log } from "../log.ts";
import { claimCode } from "./claim-code.ts";
import { MIN_ALARM_MS, WAKE_TIMEOUT_MS } from "./constants.ts";
import { enterLogin, leaveLogin } from "./enter-login.ts";
import { expectCode } from "./expect-code.ts";
import { forgetOld, nextForgetting } from "./forget-old.ts";
import { emptyState, isEmpty, type MailboxState, type Step } from "./mailbox-state.ts";
import { offerSms } from "./offer-sms.ts";
import { type MailboxParts, realParts } from "./parts.ts";
import type { Challenge, CodeMailboxRpc, Sms } from "./rpc.ts";

const STATE = "state";

/**
 * One phone's login codes: who may log in with it now, and the SMS of the last minutes. Each call reads the whole state,
 * and writes it in the same turn: no two calls come in between each other. A mailbox without anything has no storage.
 */
export class CodeMailbox extends DurableObject<BrowserEnv> implements CodeMailboxRpc {
  readonly #parts: MailboxParts;

  constructor(ctx: DurableObjectState, env: BrowserEnv, parts: MailboxParts = realParts(env)) {
    super(ctx, env);
    this.#parts = parts;
  }

  enter(wish: { portalId: string; fence: number; until: number }) {
    return this.#apply((state, now) => enterLogin(state, wish, now));
  }

  leave(wish: { portalId: string; fence: number }): Promise<void> {
    return this.#apply((state, now) => leaveLogin(state, wish, now));
  }

  expect(challenge: Challenge): Promise<boolean> {
    return this.#apply((state, now) => expectCode(state, challenge, now));
  }

  async offer(sms: Sms): Promise<{ kept: boolean; challengeId: string | null }> {
    const { kept, wakes } = await this.#apply((state, now) => offerSms(state, sms, now));
    if (!wakes) return { kept, challengeId: null };
    await this.#wake(wakes);
    return { kept, challengeId: wakes.challengeId };
  }

  claim(wish: { challengeId: string; fence: number }) {
    return this.#apply((state, now) => claimCode(state, wish, now));
  }

  override async alarm(): Promise<void> {
    await this.#write(forgetOld(this.#read(), this.#parts.now()));
  }

  async #apply<T>(verb: (state: MailboxState, now: number) => Step<T>): Promise<T> {
    const now = this.#parts.now();
    const before = forgetOld(this.#read(), now);
    const { state, answer } = verb(before, now);
    if (state !== before) await this.#write(state);
    return answer;
  }

  #read(): MailboxState {
    const empty = emptyState(randomSecret("", 16));
    // Fields that a newer version has are added to what an older one has kept.
    return { ...empty, ...this.ctx.storage.kv.get<MailboxState>(STATE) };
  }

  /** With the time of the next forgetting, in one turn: a text must not stay because a crash came in between. */
  async #write(state: MailboxState): Promise<void> {
    const { storage } = this.ctx;
    const next = nextForgetting(state);
    if (isEmpty(state) || next === null) {
      await Promise.all([storage.deleteAlarm(), storage.deleteAll()]);
      return;
    }
    storage.kv.put(STATE, state);
    await storage.setAlarm(Math.max(next, this.#parts.now() + MIN_ALARM_MS));
  }

  /** Never throws, and never waits long: the SMS is kept, and the portal looks for it by itself every few seconds. */
  async #wake({ portalId, challengeId }: Challenge): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("no answer in time")), WAKE_TIMEOUT_MS);
    try {
      await Promise.race([
        this.#parts.pairs.getByName(portalId).codeArrived(challengeId),
        late.promise,
      ]);
    } catch (error) {
      log.warn("portal_not_woken", { portalId, challengeId, error });
    } finally {
      clearTimeout(timer);
    }
  }
}
