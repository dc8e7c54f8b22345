import { PAUSE_MS } from "../../../src/session-pairs/constants.ts";
import { type Due, decide } from "../../../src/session-pairs/machine/decide.ts";
import { failLogin, finishLogin, hold } from "../../../src/session-pairs/machine/end-login.ts";
import { lease, postpone } from "../../../src/session-pairs/machine/lease.ts";
import {
  awaitCode,
  countResend,
  enterPhase,
  finishResend,
  lookLater,
  lookNow,
  refuseCode,
  takeCode,
} from "../../../src/session-pairs/machine/login-steps.ts";
import { endHold, start } from "../../../src/session-pairs/machine/operate.ts";
import {
  expireSession,
  recordProbe,
  sessionAt,
  swapRoles,
} from "../../../src/session-pairs/machine/roles.ts";
import {
  type Change,
  FRESH_STATE,
  type Login,
  loginOf,
  loginSlot,
  type PairState,
  primaryOf,
  type Rules,
} from "../../../src/session-pairs/machine/state.ts";
import type { Reason } from "../../../src/session-pairs/reasons.ts";
import type { World } from "./model-world.ts";

type Run = Generator<void, void>;
const SMS_MS = 180_000;
const OUTAGES: Reason[] = ["site_unavailable", "browser_died", "page_hung", "browser_unavailable"];
const REFUSALS: Reason[] = ["wrong_password", "captcha", "account_locked", "form_changed"];

/** One account's pair: what the object does, in its order, with every await as a place to be stopped at. */
export class ModelAccount {
  state: PairState = FRESH_STATE;
  /** What runs in memory, by name. */
  runs = new Map<string, Run>();
  readonly rules: Rules;
  readonly #id: number;
  readonly #world: World;

  constructor(id: number, world: World, rules: Rules) {
    this.#id = id;
    this.#world = world;
    this.rules = rules;
    this.#commit(start(this.state));
  }

  /** The Worker is stopped: only what is written down stays. */
  crash(): void {
    this.runs.clear();
  }

  /** Starts what is due, as `advance` does. */
  launch(): void {
    const isRun = this.runs.has("login");
    for (const due of decide(this.state, this.rules, this.#world.now, isRun).due) {
      const name = due.do === "probe" ? `probe:${due.slot}` : "login";
      if (!this.runs.has(name)) this.runs.set(name, this.#perform(due));
    }
  }

  wakeAt(): number | null {
    const decision = decide(this.state, this.rules, this.#world.now, this.runs.has("login"));
    return decision.due.length > 0 ? this.#world.now : decision.wakeAt;
  }

  /** The mailbox tells of an SMS. */
  hear(challengeId: string): void {
    this.#commit(lookNow(this.state, challengeId, this.#world.now));
  }

  #commit(change: Change | null): boolean {
    if (!change) return false;
    const before = this.state;
    this.state = change.state;
    this.#world.check(this.#id, before, change);
    return true;
  }

  *#perform(due: Due): Run {
    if (due.do === "swap") {
      this.#commit(swapRoles(this.state, this.#world.now));
      return;
    }
    if (due.do === "end_hold") {
      this.#commit(endHold(this.state, this.#world.now));
      return;
    }
    if (due.do === "log_out") return;
    const { login, session } = this.state.slots[due.slot];
    if (due.do === "login") yield* this.#begin(due);
    else if (due.do === "probe" && session) yield* this.#probe(due.slot, session.fence);
    else if (due.do === "hold_budget") this.#hold(due.slot, due.until);
    else if (login) yield* this.#goOn(due, login);
  }

  *#goOn(due: Due, login: Login): Run {
    const { fence } = login;
    if (due.do === "look") yield* this.#look(fence);
    if (due.do === "give_up") this.#fail(fence, "code_missing");
    if (due.do === "resend" && this.#commit(countResend(this.state, fence, this.#world.now))) {
      yield;
      this.#world.resent(this.#id, fence);
      this.#world.sendSms();
      this.#commit(finishResend(this.state, fence, this.#world.now));
    }
    if (due.do !== "recover") return;
    const where = this.#world.random.below(3);
    if (login.step === "leased" || login.step === "browser" || where === 0) {
      yield;
      this.#fail(fence, "interrupted");
      return;
    }
    yield;
    if (where === 1) this.#enter(fence);
    else {
      this.#wait(fence, false);
      yield* this.#look(fence);
    }
  }

  #hold(slot: "A" | "B", until: number): void {
    const reason = "budget_exhausted";
    const { now } = this.#world;
    const why = { reason, evidenceId: null, credentials: null, now } as const;
    this.#commit(hold(this.state, slot, why, until));
  }

  *#begin({ slot, cause }: Extract<Due, { do: "login" }>): Run {
    const { phone, random } = this.#world;
    const fence = this.state.fence + 1;
    const { now } = this.#world;
    const isIn = phone.enter(this.#id, fence, now, now + SMS_MS + 360_000);
    yield;
    if (!isIn) {
      this.#commit(postpone(this.state, this.#world.now + 5_000));
      return;
    }
    const { due } = decide(this.state, this.rules, this.#world.now, false);
    const isDue =
      this.state.fence + 1 === fence && due.some((one) => one.do === "login" && one.slot === slot);
    const wish = { slot, id: `s${this.#id}-${fence}`, cause, now: this.#world.now };
    if (!isDue || !this.#commit(lease(this.state, { ...wish, account: null }))) {
      phone.leave(this.#id, fence);
      return;
    }
    yield;
    if (!this.#commit(enterPhase(this.state, fence, "opened", "b", this.#world.now))) return;
    yield;
    const again = this.#world.now;
    if (!phone.enter(this.#id, fence, again, again + SMS_MS + 360_000)) {
      this.#fail(fence, "interrupted");
      return;
    }
    if (!this.#commit(enterPhase(this.state, fence, "credentials", "b", again))) return;
    this.#world.typedPassword(this.#id, fence);
    if (random.chance(0.12)) {
      const reasons = random.chance(0.85) ? OUTAGES : REFUSALS;
      this.#fail(fence, reasons[random.below(reasons.length)] ?? "page_hung");
      return;
    }
    this.#world.sendSms();
    yield;
    this.#wait(fence, false);
    yield* this.#look(fence);
  }

  #wait(fence: number, isRefused: boolean): void {
    const { now } = this.#world;
    const next = { browserId: "b", challengeId: this.#world.newId(), now };
    const settle = isRefused ? refuseCode : awaitCode;
    this.#commit(settle(this.state, fence, next, this.rules));
  }

  *#look(fence: number): Run {
    for (;;) {
      const login = loginOf(this.state, fence)?.login;
      if (!login?.challengeId || login.step !== "awaiting_code") return;
      const { challengeId: id, sentAt, deadlineAt } = login;
      const { phone } = this.#world;
      phone.enter(this.#id, fence, this.#world.now, this.#world.now + SMS_MS + 360_000);
      yield;
      const challenge = { portal: this.#id, fence, id, sentAt, deadlineAt };
      const found = phone.claim(challenge, this.#world.now);
      yield;
      const waitedMs = 0;
      const codeHash = `h${found?.code}`;
      if (!found || !this.#commit(takeCode(this.state, fence, { codeHash, waitedMs }))) {
        this.#commit(lookLater(this.state, login, this.#world.now));
        return;
      }
      yield;
      if (!this.#commit(enterPhase(this.state, fence, "code", "b", this.#world.now))) return;
      yield;
      if (this.#world.typedCode(this.#id, fence, challenge, found)) {
        if (!this.#commit(enterPhase(this.state, fence, "verifying", "b", this.#world.now))) return;
        yield;
        this.#enter(fence);
        return;
      }
      this.#wait(fence, true);
      if ((loginOf(this.state, fence)?.login.rejected ?? 0) >= 2) {
        this.#fail(fence, "code_rejected");
        return;
      }
    }
  }

  #enter(fence: number): void {
    const { now } = this.#world;
    const life = this.#world.logIn(this.#id, fence);
    const expiresAt = this.rules.lifeMs === null ? null : now + this.rules.lifeMs;
    if (this.#commit(finishLogin(this.state, fence, { expiresAt, now }))) life();
    this.#world.phone.leave(this.#id, fence);
  }

  #fail(fence: number, reason: Reason): void {
    const { random, now } = this.#world;
    const failure = { reason, evidenceId: null, credentials: null, chance: random.next(), now };
    const before = this.state;
    const isOver = this.#commit(failLogin(this.state, fence, failure));
    if (isOver && this.state.hold === null) this.#checkPause(before);
    this.#world.phone.leave(this.#id, fence);
  }

  /** A failed login is followed by a pause; that of a backup holds up no login that requests wait for. */
  #checkPause(before: PairState): void {
    const isBackup = primaryOf(before) !== null;
    const at = isBackup ? this.state.backupAt : this.state.loginAt;
    const pause = at - this.#world.now;
    const least = PAUSE_MS.first * (1 - PAUSE_MS.spread);
    if (pause < least) throw new Error(`pause ${pause} after a failure`);
    if (!isBackup) return;
    const { failures, loginAt } = this.state;
    if (failures > before.failures || loginAt > before.loginAt) {
      throw new Error("a backup's failure holds up the login that is made without a session");
    }
    this.#world.counts.backupFailures += 1;
  }

  *#probe(slot: "A" | "B", fence: number): Run {
    for (let outs = 0; ; ) {
      yield;
      const verdict = this.#world.probe(this.#id, fence);
      if (verdict === "out" && ++outs < 2) continue;
      const ref = { slot, fence };
      const { now } = this.#world;
      const isStale = sessionAt(this.state, ref) === null;
      const change =
        verdict === "out"
          ? expireSession(this.state, ref, "probe", this.rules, now)
          : recordProbe(this.state, ref, verdict, this.rules, now);
      // I10: what was learned of an earlier login changes nothing of a newer one.
      if (isStale && change) throw new Error("I10: a stale verdict changed the state");
      this.#commit(change);
      return;
    }
  }

  /** The login that runs, for the checks between accounts. */
  get login(): Login | null {
    const slot = loginSlot(this.state);
    return slot && this.state.slots[slot].login;
  }
}
