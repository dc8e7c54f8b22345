import { log } from "../log.ts";
import type { PortalDefinition } from "../portals/schemas.ts";
import { OUTAGE_PAUSE_MS, WATCH_MS } from "./constants.ts";
import { Flights } from "./flights.ts";
import { Jars } from "./jars.ts";
import { decide, flightOf } from "./machine/decide.ts";
import { type Change, note, type PairState, type Rules } from "./machine/state.ts";
import { addBrowserMs, type Counts } from "./metrics.ts";
import type { OpenedPortal, PairParts } from "./parts.ts";
import { rulesOf } from "./rules-of.ts";
import { Store } from "./store.ts";

export type UsablePortal = OpenedPortal & { definition: PortalDefinition };

/** Promotions that nothing was lost by. */
const PLANNED = new Set<string | number>(["logged_in", "rotation"]);
const withFailover = (counts: Counts) => ({ ...counts, failovers: counts.failovers + 1 });

/** What the verbs of a pair share: its state, what it works with, and what is under way in memory. */
export class Pair {
  readonly store: Store;
  readonly jars: Jars;
  /** What the state asks for. */
  readonly flights = new Flights();
  /** What requests ask for. */
  readonly asks = new Flights();
  readonly parts: PairParts;
  readonly #ctx: DurableObjectState;
  readonly #turns = new Map<string, Promise<unknown>>();
  #requests = 0;
  readonly #waiting = new Set<() => void>();
  /** When an answer last showed a login's session alive, by fence. */
  readonly seen = new Map<number, number>();
  #portal: OpenedPortal | null | undefined;
  /** Null: there is none; undefined: nobody knows. */
  #alarmAt: number | null | undefined;

  constructor(ctx: DurableObjectState, parts: PairParts) {
    this.#ctx = ctx;
    this.parts = parts;
    this.store = new Store(ctx.storage);
    this.jars = new Jars(
      this.store,
      () => parts.masterKey,
      (what, slot) => this.store.add(note(what, slot), parts.now()),
    );
    const { name } = ctx.id;
    if (name !== undefined && this.store.portalId !== name) this.store.keepPortalId(name);
  }

  get state(): PairState {
    return this.store.state;
  }

  get now(): number {
    return this.parts.now();
  }

  get portalId(): string {
    return this.store.portalId;
  }

  /** The portal as it was last read. Throws when it was not read yet, and the database does not answer. */
  async portal(): Promise<OpenedPortal | null> {
    if (this.#portal === undefined) await this.reload();
    return this.#portal ?? null;
  }

  /** Whether the portal is still as it was when somebody read it. */
  isCurrent({ version }: OpenedPortal): boolean {
    return this.#portal?.version === version;
  }

  /** Reads the portal again. */
  async reload(): Promise<OpenedPortal | null> {
    this.#portal = await this.parts.loadPortal(this.portalId);
    return this.#portal;
  }

  /** Writes a change down before anybody acts on it; `also` in the same transaction. False for no change. */
  commit(change: Change | null, also?: () => void): boolean {
    if (!change) return false;
    const before = this.state;
    this.store.write(change.state, change.notes, this.now, also);
    this.flushRequests();
    for (const { what, slot, fields } of change.notes) {
      if (what === "promoted" && !PLANNED.has(fields.cause ?? "")) this.count(withFailover);
      log.info("portal_step", { portalId: this.portalId, slot, step: what, ...fields });
    }
    this.#discardPages(before);
    this.arm();
    for (const wake of this.#waiting) wake();
    return true;
  }

  /** Notes what the next probe finds again when it is lost: it is written with whatever is written next. */
  remember({ state }: Pick<Change, "state">): void {
    this.store.state = state;
    this.flushRequests();
    this.arm();
  }

  count(change: (counts: Counts) => Counts): void {
    this.store.count(change(this.store.counts));
  }

  /** Requests are counted in memory, and written with whatever is written next. */
  countRequest(): void {
    this.#requests += 1;
  }

  flushRequests(): void {
    if (this.#requests === 0) return;
    const more = this.#requests;
    this.#requests = 0;
    this.count((counts) => ({ ...counts, requests: counts.requests + more }));
  }

  /** Counts what browsers took since they were last asked. */
  takeBrowserTime(from: { takeBrowserMs(): number }): void {
    const ms = from.takeBrowserMs();
    if (ms > 0) this.count((counts) => addBrowserMs(counts, ms, this.now));
  }

  /** Closes a login's browser; never throws. */
  async discard(browserId: string): Promise<void> {
    try {
      await this.parts.browser.discard(browserId);
    } catch (error) {
      log.warn("browser_not_discarded", { portalId: this.portalId, error });
    }
  }

  /** Runs after whatever else of this name was asked for before. */
  inTurn<T>(name: string, run: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(name) ?? Promise.resolve()).then(run, run);
    this.#turns.set(name, turn);
    const forget = () => {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    };
    void turn.then(forget, forget);
    return turn;
  }

  /** Sets the alarm for what comes next. It is the safety net also of what runs in memory. */
  arm(): void {
    const definition = this.#portal?.definition;
    const { now } = this;
    // A portal that was not read: soon again. One that cannot be used is held, and cron looks after it.
    const pause = this.#portal === undefined ? OUTAGE_PAUSE_MS : 0;
    const retryAt = this.state.running && !this.state.hold ? now + pause : null;
    const wakeAt = definition ? this.#wakeAt(rulesOf(definition)) : retryAt;
    // Whole, and never before: an alarm that rings a part of a millisecond early finds nothing to do.
    const alarmAt = wakeAt === null ? null : Math.ceil(Math.max(wakeAt, now));
    if (alarmAt === this.#alarmAt) return;
    this.#alarmAt = alarmAt;
    if (alarmAt === null) void this.#ctx.storage.deleteAlarm();
    else void this.#ctx.storage.setAlarm(alarmAt);
  }

  /** The alarm has rung, and is not set any more. */
  alarmRang(): void {
    this.#alarmAt = undefined;
  }

  /** Finds out whether the alarm is still there. */
  async findAlarm(): Promise<void> {
    this.#alarmAt = await this.#ctx.storage.getAlarm();
  }

  /** Resolves at the next change of state, or at `until`. */
  change(until: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done);
        cancel();
        resolve();
      };
      const cancel = this.parts.after(Math.max(0, until - this.now), done);
      this.#waiting.add(done);
    });
  }

  /** Goes on after the answer; never throws. */
  later(work: Promise<unknown>): void {
    this.#ctx.waitUntil(
      work.catch((error: unknown) =>
        log.error("portal_work_failed", { portalId: this.portalId, error }),
      ),
    );
  }

  #wakeAt(rules: Rules): number | null {
    const { now, state } = this;
    const isRun = this.flights.has("login");
    const { due, wakeAt } = decide(state, rules, now, isRun);
    const times = wakeAt === null ? [] : [wakeAt];
    if (due.some((one) => !this.flights.has(flightOf(one)))) times.push(now);
    // Whoever does it in memory may be stopped.
    if (due.length > 0 || isRun) times.push(now + WATCH_MS);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** The pages of sessions that are over. */
  #discardPages(before: PairState): void {
    const kept = new Set(Object.values(this.state.slots).map(({ session }) => session?.browserId));
    for (const { session } of Object.values(before.slots)) {
      if (session?.browserId && !kept.has(session.browserId)) {
        this.later(this.parts.page.discard(session.browserId));
      }
    }
  }
}
