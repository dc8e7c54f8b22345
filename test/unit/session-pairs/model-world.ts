import { DAY_MS, HOUR_MS, RESEND_GAP_MS } from "../../../src/session-pairs/constants.ts";
import {
  type Change,
  otherSlot,
  type PairState,
  primaryOf,
} from "../../../src/session-pairs/machine/state.ts";
import { isWarmStandby } from "../../../src/session-pairs/machine/wish-login.ts";
import type { Verdict } from "../../../src/session-pairs/verdict.ts";
import { ModelAccount } from "./model-account.ts";
import { ModelPhone } from "./model-phone.ts";
import type { Random } from "./random.ts";

type Pending = { at: number; code: string };

/** Accounts, their one phone, and a site that does what it likes. Every step is held against the invariants. */
export class World {
  now = Date.UTC(2030, 0, 1);
  readonly phone = new ModelPhone();
  readonly random: Random;
  readonly accounts: ModelAccount[] = [];
  readonly counts = {
    leases: 0,
    ready: 0,
    failovers: 0,
    codes: 0,
    resends: 0,
    swaps: 0,
    backupFailures: 0,
  };
  readonly #isOneSession: boolean;
  /** By account and fence: when the site ends the session. */
  readonly #ends = new Map<string, number>();
  #isDownUntil = 0;
  #pending: Pending[] = [];
  #code = 100_000;
  #ids = 0;
  readonly #leases = new Map<number, number[]>();
  readonly #resent = new Map<string, number[]>();
  readonly #typed = new Map<string, string>();

  constructor(random: Random) {
    this.random = random;
    this.#isOneSession = random.chance(0.2);
    const lifeMs = random.chance(0.5) ? (0.3 + random.below(3)) * HOUR_MS : null;
    for (let id = 0; id < 1 + random.below(3); id++) {
      this.accounts.push(
        new ModelAccount(id, this, {
          probeEveryMs: 60_000,
          budget: { perHour: 3, perDay: 6 },
          lifeMs,
          onePerAccount: "auto",
          smsTimeoutMs: 180_000,
          canResend: random.chance(0.8),
        }),
      );
    }
  }

  newId(): string {
    return `c${this.#ids++}`;
  }

  /** One thing happens. */
  step(): void {
    const { random, accounts } = this;
    const account = accounts[random.below(accounts.length)];
    if (!account) return;
    account.launch();
    const runs = [...account.runs];
    const one = runs[random.below(runs.length)];
    const what = random.next();
    if (what < 0.02) account.crash();
    else if (what < 0.03) this.#isDownUntil = this.now + random.below(600_000);
    else if (one && what < 0.85) {
      const [name, run] = one;
      this.now += random.below(3_000);
      if (run.next().done && account.runs.get(name) === run) account.runs.delete(name);
    } else this.#pass();
    this.#deliver();
  }

  /** To the next thing that somebody waits for, or a little further. */
  #pass(): void {
    if (this.accounts.some(({ runs }) => runs.size > 0) && this.random.chance(0.7)) {
      this.now += this.random.below(20_000);
      return;
    }
    const times = [
      ...this.accounts.map((account) => account.wakeAt()),
      ...this.#pending.map(({ at }) => at),
    ].filter((at) => at !== null);
    const next = times.length === 0 ? this.now + HOUR_MS : Math.min(...times);
    const leap = this.random.chance(0.15) ? this.random.below(HOUR_MS) : 0;
    this.now = Math.max(this.now, next) + leap;
  }

  #deliver(): void {
    const due = this.#pending.filter(({ at }) => at <= this.now);
    this.#pending = this.#pending.filter(({ at }) => at > this.now);
    for (const { code } of due) {
      this.phone.sms.push({ code, at: this.now, taken: false });
      const { challenge } = this.phone;
      if (challenge && this.random.chance(0.9)) this.accounts[challenge.portal]?.hear(challenge.id);
    }
  }

  /** Lost, late, doubled, or an old one again. */
  sendSms(): void {
    const { random } = this;
    const code = random.chance(0.05) ? String(this.#code) : String(++this.#code);
    if (random.chance(0.15)) return;
    const at = this.now + random.below(random.chance(0.2) ? 400_000 : 15_000);
    this.#pending.push({ at, code });
    if (random.chance(0.15)) this.#pending.push({ at: at + random.below(90_000), code });
  }

  resent(id: number, fence: number): void {
    this.counts.resends += 1;
    const key = `${id}:${fence}`;
    const times = [...(this.#resent.get(key) ?? []), this.now];
    this.#resent.set(key, times);
    if (times.length > 2) throw new Error("I4: three resends in a login");
    const [first, second] = times;
    if (first && second && second - first < RESEND_GAP_MS) throw new Error("I4: asked too soon");
  }

  typedPassword(id: number, fence: number): void {
    const isOurs = this.phone.holds(id, fence, this.now);
    if (!isOurs) throw new Error(`I1: account ${id} logs in while it does not hold the phone`);
    for (const [other, { login }] of this.accounts.entries()) {
      const isActive = login && this.phone.holds(other, login.fence, this.now);
      if (other !== id && isActive) throw new Error("I1: two logins with one phone");
    }
  }

  /** True: the site takes it. */
  typedCode(
    id: number,
    fence: number,
    challenge: { sentAt: number },
    { code, at }: { code: string; at: number },
  ): boolean {
    this.counts.codes += 1;
    const before = this.#typed.get(code);
    if (before !== undefined) throw new Error(`I2: code typed twice, before by ${before}`);
    this.#typed.set(code, `${id}:${fence}`);
    if (at < challenge.sentAt) throw new Error("I3: an older SMS answered a newer challenge");
    return code === String(this.#code) ? !this.random.chance(0.05) : this.random.chance(0.5);
  }

  /** Registers the session once the pair has kept it. */
  logIn(id: number, fence: number): () => void {
    return () => {
      this.counts.ready += 1;
      if (this.#isOneSession) {
        for (const key of this.#ends.keys()) if (key.startsWith(`${id}:`)) this.#ends.set(key, 0);
      }
      const life = this.random.chance(0.3) ? this.random.below(HOUR_MS) : 8 * HOUR_MS;
      this.#ends.set(`${id}:${fence}`, this.now + life);
    };
  }

  probe(id: number, fence: number): Verdict {
    if (this.now < this.#isDownUntil || this.random.chance(0.02)) return "inconclusive";
    return this.now < (this.#ends.get(`${id}:${fence}`) ?? 0) ? "in" : "out";
  }

  /** Holds one change of one account against the invariants. */
  check(id: number, before: PairState, { state, notes }: Change): void {
    const fail = (text: string) => {
      throw new Error(`${text} (account ${id})`);
    };
    const { A, B } = state.slots;
    if (A.login && B.login) fail("I1: two logins of one account");
    if (state.fence < before.fence) fail("I1: the fence went back");
    if (state.epoch < before.epoch || state.epoch > before.epoch + 1) fail("the epoch leapt");
    if ((A.session || B.session) && !primaryOf(state)) fail("a session that serves nobody");
    if (/"\d{6}"/.test(JSON.stringify(notes))) fail("I9: a code in the audit");
    for (const { what, slot, fields } of notes) {
      if (what === "promoted") this.counts.failovers += fields.cause === "probe" ? 1 : 0;
      if (what === "promoted" && fields.cause === "rotation") this.counts.swaps += 1;
      if (what === "session_expired" && slot) this.#checkExpiry(id, before, slot, fail);
      if (what === "login_started" && slot) this.#checkLease(id, before, slot, fail);
    }
  }

  #checkExpiry(id: number, before: PairState, slot: "A" | "B", fail: (text: string) => void) {
    const session = before.slots[slot].session;
    const end = this.#ends.get(`${id}:${session?.fence}`) ?? 0;
    if (this.now < end) fail("I8: a session was given up that the site has not ended");
  }

  #checkLease(id: number, before: PairState, slot: "A" | "B", fail: (text: string) => void) {
    this.counts.leases += 1;
    const leases = [...(this.#leases.get(id) ?? []), this.now];
    this.#leases.set(id, leases);
    if (leases.filter((at) => at > this.now - HOUR_MS).length > 3) fail("I5: four in an hour");
    if (leases.filter((at) => at > this.now - DAY_MS).length > 6) fail("I5: seven in a day");
    if (before.hold) fail("I5: a login in spite of a hold");
    const primary = primaryOf(before);
    if (!primary) return;
    if (primary.slot === slot || slot !== otherSlot(primary.slot)) fail("I6: the primary first");
    const { lastVerdict, lastProbeAt } = primary.session;
    const isKnown = lastVerdict === "in" && (lastProbeAt ?? 0) > this.now - 60_000;
    if (!isKnown) fail("I6: nobody knew that the primary lives");
    const rules = this.accounts[id]?.rules;
    if (rules && isWarmStandby(before, rules)) fail("I7: a login that ends the other session");
  }
}
