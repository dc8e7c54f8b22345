import { DurableObject } from "cloudflare:workers";
import { log } from "../log.ts";
import { Book } from "./book.ts";
import { MAX_TASKS, OVERDUE_MS, PARKED_MS, TICK_MS } from "./constants.ts";
import { decide, FRESH_STATE, rateNow } from "./decide.ts";
import type { GateConfig } from "./gate-config.ts";
import type { LineRow } from "./line.ts";
import { takeLateTurn } from "./rate.ts";
import type { Gate, GateAnswer, GateTask, Place, Report, Resting } from "./rpc.ts";

/**
 * Says when a destination's deliveries may be called: rate, concurrency, order, breaker. One per destination that asks
 * for any of it. The truth about a delivery is in D1: what this object forgets, the sweep brings back; what it has not
 * heard of for long, it asks after by a task.
 */
export class DestinationGate extends DurableObject<ObjectsEnv> implements Gate {
  #book: Book;

  constructor(ctx: DurableObjectState, env: ObjectsEnv) {
    super(ctx, env);
    this.#book = new Book(ctx.storage);
  }

  /** Tells of new ordered deliveries before they can be claimed: a later one of a key must know the earlier ones. */
  async enqueue(config: GateConfig, places: Place[]): Promise<void> {
    this.#book.remember(config);
    for (const place of places) this.#book.enter(place, Date.now());
    await this.#watch();
  }

  /** Asks for a permit to make one call; it holds for `leaseMs` from the call on. */
  async acquire(config: GateConfig, place: Place, leaseMs: number): Promise<GateAnswer> {
    const now = Date.now();
    this.#book.remember(config);
    this.#book.expire(now);
    const row = this.#book.enter(place, now);
    const decision = decide({
      id: row.id,
      leaseMs,
      now,
      config: this.#book.config,
      state: this.#book.state,
      // Or another consumer has had it since this one read how many tries it has had.
      isHeld: row.state === "held" || row.attempt > place.attempt,
      isHead: this.#book.isHead(row),
      heldByOthers: this.#book.line.countIn("held"),
      slotAt: row.has_slot ? row.until : null,
    });
    const answer = this.#book.apply(row, decision, now);
    await this.#watch();
    // Who was sent for and must wait all the same passes the turn on.
    await this.#release(now);
    return answer;
  }

  /** Another time for a permit whose call was held up; null when the permit has run out. */
  async renew(
    permitId: string,
    deliveryId: string,
    leaseMs: number,
  ): Promise<{ waitMs: number } | null> {
    const now = Date.now();
    const row = this.#book.line.find(deliveryId);
    if (row?.permit_id !== permitId) return null;
    const { state } = this.#book;
    const perSecond = rateNow(this.#book.config, state, now);
    const turn = perSecond === null ? null : takeLateTurn(state.rate, { perSecond, now });
    if (turn) this.#book.keep({ ...state, rate: turn.state });
    const at = turn?.at ?? now;
    this.#book.line.save({ ...row, until: at + leaseMs });
    return { waitMs: at - now };
  }

  /** Returns a permit, with what became of the delivery. Without effect on the line when the permit has run out. */
  async report({ permitId, deliveryId, dueAt, health }: Report): Promise<void> {
    const now = Date.now();
    this.#book.recordHealth(deliveryId, health, now);
    const row = this.#book.line.find(deliveryId);
    if (row?.permit_id === permitId) this.#book.leave(row, dueAt);
    await this.#release(now);
  }

  /** Deliveries that ended without a permit: cancelled, exhausted, gone. */
  async settle(deliveryIds: string[]): Promise<void> {
    for (const id of deliveryIds) {
      const row = this.#book.line.find(id);
      if (row) this.#book.leave(row, null);
    }
    await this.#release(Date.now());
  }

  /**
   * Deliveries that were sent for, and had been tried before: a doubled task has asked for a place that they did not
   * need. They come by themselves, and take no turn until then.
   */
  async rest(tried: Resting[]): Promise<void> {
    for (const { deliveryId, asked, attempt, dueAt } of tried) {
      const row = this.#book.line.find(deliveryId);
      // What has asked again since is in the line rightly.
      if (row?.state !== "released" || row.attempt !== asked) continue;
      this.#book.leave({ ...row, attempt }, dueAt);
    }
    await this.#release(Date.now());
  }

  /** The destination is off: nobody waits any more. */
  async clear(): Promise<void> {
    this.#book.line.removeWaiting();
    this.#book.keep({ ...FRESH_STATE, rate: { ...this.#book.state.rate, nextSlotAt: 0 } });
  }

  /** The destination asks for something else now. Whoever waited for what is gone is sent for. */
  async configure(config: GateConfig): Promise<void> {
    this.#book.remember(config);
    await this.#watch();
    while ((await this.#release(Date.now())) > 0);
  }

  /** The destination is deleted: nothing stays. */
  async forget(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
    this.#book = new Book(this.ctx.storage);
  }

  /** Ends permits that ran out, and asks after whoever should have come by now. */
  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#book.expire(now);
    const overdue = this.#book.line.overdue(now - OVERDUE_MS, MAX_TASKS);
    for (const row of overdue) this.#book.line.save({ ...row, until: now });
    await this.#watch();
    await this.#send(overdue);
    await this.#release(now);
  }

  /** Sends for those that may ask again; returns how many. They are marked first: what is lost here, the alarm sends again. */
  async #release(now: number): Promise<number> {
    const rows = this.#book.takeReleasable(now);
    await this.#send(rows);
    return rows.length;
  }

  /** Never throws: a caller that got its permit must hear of it, and the alarm sends again. */
  async #send(rows: LineRow[]): Promise<void> {
    if (rows.length === 0) return;
    const destinationId = this.ctx.id.name ?? this.#book.name;
    const tasks = rows.map((row): { body: GateTask } => {
      // Only who waits for the gate is due when the gate says so; the others have due times of their own.
      const attempt = row.state === "released" ? row.attempt : -1;
      return { body: { deliveryId: row.id, gate: { destinationId, attempt } } };
    });
    try {
      await this.env.DELIVERIES_QUEUE.sendBatch(tasks);
    } catch (error) {
      log.warn("gate_tasks_not_sent", { destinationId, count: rows.length, error });
    }
  }

  /** One alarm while anybody is in the line, when the next of them is expected. */
  async #watch(): Promise<void> {
    this.#book.keepName(this.ctx.id.name);
    if (this.#book.line.isEmpty()) return;
    const soonest = Date.now() + TICK_MS;
    const expected = this.#book.line.nextUntil() ?? soonest;
    const wanted = Math.min(Math.max(expected, soonest), Date.now() + PARKED_MS);
    const set = await this.ctx.storage.getAlarm();
    if (set === null || set > wanted) await this.ctx.storage.setAlarm(wanted);
  }
}
