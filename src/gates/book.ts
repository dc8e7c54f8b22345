import { CLOSED, type Health, recordHealth } from "./breaker.ts";
import { DRAIN_TAIL_MS, MAX_INLINE_WAIT_MS, MAX_TASKS } from "./constants.ts";
import { type Decision, FRESH_STATE, type GateState } from "./decide.ts";
import { type GateConfig, noLimits } from "./gate-config.ts";
import { Line, type LineRow } from "./line.ts";
import type { GateAnswer, Place } from "./rpc.ts";

/** What a gate has written down. It answers nobody and sends nothing: whoever does writes here first. */
export class Book {
  readonly #storage: DurableObjectStorage;
  readonly line: Line;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.line = new Line(storage.sql);
  }

  get config(): GateConfig {
    return this.#storage.kv.get<GateConfig>("config") ?? noLimits(0);
  }

  /** The destination's id. An object is told its name by callers, and not by its alarm. */
  get name(): string {
    return this.#storage.kv.get<string>("name") ?? "";
  }

  keepName(name: string | undefined): void {
    if (name !== undefined && this.name === "") this.#storage.kv.put("name", name);
  }

  /** Keeps what the destination asks for now, unless something newer is known. Nobody waits for what is gone. */
  remember(next: GateConfig): void {
    const before = this.config;
    if (next.version < before.version || JSON.stringify(before) === JSON.stringify(next)) return;
    this.#storage.kv.put("config", next);
    // Rows keep the value of the key that they came with: under another key they would wait for each other in vain.
    if (next.orderKey !== before.orderKey) this.line.dropKeys();
    const isOtherBreaker = JSON.stringify(next.breaker) !== JSON.stringify(before.breaker);
    if (!isOtherBreaker && next.perSecond === before.perSecond) return;
    const { state } = this;
    this.line.dropSlots();
    this.keep({
      ...state,
      breaker: isOtherBreaker ? CLOSED : state.breaker,
      rate: {
        nextSlotAt: 0,
        // Calls that are permitted already are no further away than this.
        nextCallAt: Math.min(state.rate.nextCallAt, Date.now() + MAX_INLINE_WAIT_MS),
      },
    });
  }

  /** Slots that nobody holds any more are forgotten: their destination's line is empty. */
  get state(): GateState {
    const state = this.#storage.kv.get<GateState>("state") ?? FRESH_STATE;
    if (state.rate.nextSlotAt <= Date.now() || this.line.hasSlots()) return state;
    return { ...state, rate: { ...state.rate, nextSlotAt: 0 } };
  }

  keep(state: GateState): void {
    this.#storage.kv.put("state", state);
  }

  /** The row of a delivery; a new one is `queued`. Who knows of fewer tries than the row does not change it. */
  enter({ deliveryId, eventId, key, attempt, dueAt }: Place, now: number): LineRow {
    const known = this.line.find(deliveryId);
    if (known && (known.attempt > attempt || (known.key === key && known.attempt === attempt))) {
      return known;
    }
    const row: LineRow = {
      id: deliveryId,
      event_id: eventId,
      state: "queued",
      permit_id: null,
      until: Math.max(now, dueAt ?? now),
      has_slot: 0,
      ...known,
      key,
      attempt,
    };
    this.line.save(row);
    return row;
  }

  /** First of its key, and nobody of its key is under way. */
  isHead({ id, key }: LineRow): boolean {
    return key === null || (this.line.headOf(key)?.id === id && !this.line.isKeyHeld(key));
  }

  /** Writes a decision down and says it as an answer. */
  apply(row: LineRow, decision: Decision, now: number): GateAnswer {
    switch (decision.kind) {
      case "busy":
        return { kind: "busy" };
      case "go": {
        const permit = { permit_id: crypto.randomUUID(), until: decision.leaseUntil };
        this.keep(decision.state);
        this.line.save({ ...row, ...permit, state: "held", has_slot: 0 });
        return { kind: "go", permitId: permit.permit_id, waitMs: decision.at - now };
      }
      case "slot": {
        const until = Math.ceil(decision.until);
        this.keep(decision.state);
        this.line.save({ ...row, state: "resting", until, has_slot: 1 });
        return { kind: "wait", until, sendTask: true };
      }
      case "park":
        this.line.save({ ...row, state: decision.as, until: now, has_slot: 0 });
        return { kind: "wait", until: decision.until, sendTask: false };
    }
  }

  recordHealth(id: string, health: Health, now: number): void {
    const { breaker } = this.config;
    const { state } = this;
    if (!breaker) return;
    const next = recordHealth(state.breaker, breaker, { id, health, now });
    if (next === state.breaker) return;
    const closes = state.breaker.openUntil !== null && next.openUntil === null;
    const drainUntil = closes
      ? Math.max(now, state.rate.nextSlotAt) + DRAIN_TAIL_MS
      : state.drainUntil;
    this.keep({ ...state, breaker: next, drainUntil });
  }

  /**
   * A delivery gives up its place: for good (null), or, when it keeps its key's head, until it is due again. Without a
   * key there is no place to keep. Whoever is the key's head now may go.
   */
  leave(row: LineRow, dueAt: number | null): void {
    if (dueAt === null || row.key === null) this.line.remove(row.id);
    else this.line.save({ ...row, state: "resting", permit_id: null, until: dueAt, has_slot: 0 });
    const head = row.key === null ? null : this.line.headOf(row.key);
    if (head?.state === "blocked" && this.isHead(head)) {
      this.line.save({ ...head, state: "waiting" });
    }
  }

  /** Permits that ran out: their holders have died. What was ordered stays the head until D1 says what became of it. */
  expire(now: number): void {
    for (const row of this.line.expired(now)) this.leave(row, now);
  }

  /** Those that may ask again now, marked as sent for; as many as there are free permits. */
  takeReleasable(now: number): LineRow[] {
    const { concurrency } = this.config;
    const taken = this.line.countIn("held") + this.line.countIn("released");
    const free = concurrency === null ? MAX_TASKS : Math.min(MAX_TASKS, concurrency - taken);
    if (free <= 0) return [];
    const rows = this.line.first("waiting", free);
    const released = rows.map((row): LineRow => ({ ...row, state: "released", until: now }));
    for (const row of released) this.line.save(row);
    return released;
  }
}
