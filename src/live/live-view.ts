import type { Context } from "../context.ts";
import type { DeliverySummary } from "../deliveries/schemas.ts";
import type { Event } from "../events/schemas.ts";
import {
  EVENTS_AT_A_TIME,
  MAX_OPEN_DELIVERIES,
  MAX_REPLAYED_EVENTS,
  MAX_SCANNED_EVENTS,
  OVERLAP_MS,
} from "./constants.ts";
import type { Hint } from "./hint.ts";
import type { LiveSource } from "./live-sources.ts";
import { glanceAtEvents, readDeliveries, readEvents } from "./read-rows.ts";
import { Seen } from "./seen.ts";

/** What a stream shows. `position` is where a reader of it is (ms UTC). */
export type LiveFrame = { position: number } & (
  | { event: "event"; data: Event }
  | { event: "delivery"; data: DeliverySummary }
  | { event: "gap"; data: { from: string; to: string; href: string } }
);

/** States in which a delivery changes by itself. */
const OPEN: readonly string[] = ["pending", "delivering", "retrying"];

/** One stream's view of some sources: what it has shown, and what is news. Reads the database only. */
export class LiveView {
  readonly #ctx: Context;
  readonly #seen = new Seen();
  /** Deliveries that were shown and have not ended: every re-read looks at them. */
  readonly #open = new Set<string>();
  sources: readonly LiveSource[];
  /** Everything that was stored before this time (ms UTC) has been shown. */
  position: number;

  constructor(ctx: Context, sources: readonly LiveSource[], position: number) {
    this.#ctx = ctx;
    this.sources = sources;
    this.position = position;
  }

  /** Takes what there is for shown, so that only what comes from now on is news. */
  async skip(): Promise<void> {
    const startedAt = Date.now();
    const from = startedAt - OVERLAP_MS;
    const found = await glanceAtEvents(this.#ctx, this.sources, from, MAX_SCANNED_EVENTS);
    const eventIds = found.slice(0, MAX_REPLAYED_EVENTS).map(({ id }) => id);
    const deliveries = await readDeliveries(this.#ctx, this.sources, { ids: [], eventIds });
    for (const { id, status, routedAt } of found) {
      this.#seen.isNews(id, stateOf(status, routedAt !== null));
    }
    for (const delivery of deliveries) this.#isNews(delivery);
    this.position = startedAt;
  }

  /** Reads everything that is new, behind the position for rows that came late, and moves the position. */
  async *readNew(): AsyncGenerator<LiveFrame> {
    const startedAt = Date.now();
    const from = Math.max(0, this.position - OVERLAP_MS);
    const found = await glanceAtEvents(this.#ctx, this.sources, from, MAX_SCANNED_EVENTS);
    const news = found.filter(
      (one) => !this.#seen.has(one.id, stateOf(one.status, one.routedAt !== null)),
    );
    const shown = news.slice(0, MAX_REPLAYED_EVENTS);
    // More than was read; or as much as was read, and all of it unknown: older ones are unknown too.
    const isCut =
      news.length > shown.length ||
      (found.length === MAX_SCANNED_EVENTS && news.at(-1) === found.at(-1));
    const oldest = shown.at(-1);
    if (isCut && oldest) yield this.#gap(from, oldest.receivedAt);
    for (let i = shown.length; i > 0; i -= EVENTS_AT_A_TIME) {
      const some = shown.slice(Math.max(0, i - EVENTS_AT_A_TIME), i).map(({ id }) => id);
      yield* this.#read({ events: some, deliveries: [] }, startedAt);
    }
    yield* this.#read({ events: [], deliveries: [...this.#open] }, startedAt);
    this.position = Math.max(this.position, startedAt);
  }

  /** Reads what a hint names. */
  async *readNamed(hint: Hint): AsyncGenerator<LiveFrame> {
    yield* this.#read(hint, this.position);
  }

  /** `latest`: how far the position may move while it reads. */
  async *#read(hint: Hint, latest: number): AsyncGenerator<LiveFrame> {
    const { events: eventIds, deliveries: ids } = hint;
    if (eventIds.length === 0 && ids.length === 0) return;
    const events = await readEvents(this.#ctx, this.sources, eventIds);
    const deliveries = await readDeliveries(this.#ctx, this.sources, { ids, eventIds });
    const byEvent = Map.groupBy(deliveries, ({ eventId }) => eventId);
    for (const event of events) {
      const at = Date.parse(event.receivedAt);
      this.position = Math.max(this.position, Math.min(latest, at));
      const state = stateOf(event.status, event.routedAt !== null);
      if (this.#seen.isNews(event.id, state)) {
        yield { event: "event", data: event, position: this.position };
      }
      yield* this.#deliveries(byEvent.get(event.id) ?? []);
      byEvent.delete(event.id);
    }
    yield* this.#deliveries([...byEvent.values()].flat());
  }

  *#deliveries(deliveries: readonly DeliverySummary[]): Generator<LiveFrame> {
    for (const delivery of deliveries) {
      if (!this.#isNews(delivery)) continue;
      yield { event: "delivery", data: delivery, position: this.position };
    }
  }

  #isNews(delivery: DeliverySummary): boolean {
    const { id, status, attemptCount, reason, nextAttemptAt, receiptStatus } = delivery;
    if (!OPEN.includes(status)) this.#open.delete(id);
    else if (this.#open.size < MAX_OPEN_DELIVERIES) this.#open.add(id);
    return this.#seen.isNews(
      id,
      [status, attemptCount, reason, nextAttemptAt, receiptStatus].join(),
    );
  }

  #gap(fromMs: number, toMs: number): LiveFrame {
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString()) as [string, string];
    const query = new URLSearchParams({ from, to });
    const [only, ...others] = this.sources;
    if (only && others.length === 0) query.set("sourceId", only.id);
    const data = { from, to, href: `/api/v1/events?${query.toString()}` };
    return { event: "gap", data, position: this.position };
  }
}

function stateOf(status: string, isRouted: boolean): string {
  return isRouted ? `${status}, routed` : status;
}
