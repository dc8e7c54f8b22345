import { setTimeout as sleep } from "node:timers/promises";
import type { Taken } from "../deliveries/listen-schemas.ts";
import type { Call } from "./call.ts";
import { CliError } from "./cli-error.ts";
import type { FoundEvent, ListenApi } from "./listen-api.ts";
import { callLocal, localUrl } from "./listen-call.ts";
import {
  DUE_LOOK_MS,
  LISTEN_LOOK_MS,
  MAX_KEPT_URL_CHARS,
  WAITING_POLL_MS,
  WHOLE_LOOK_MS,
} from "./listen-constants.ts";
import { isSuccess, printTry, type Told } from "./listen-display.ts";
import type { OpenPlace } from "./listen-places.ts";
import type { ListenRequest } from "./listen-request.ts";
import { Slots } from "./listen-slots.ts";
import { Wake } from "./listen-wake.ts";
import { ServerClock } from "./server-clock.ts";

/** How much longer than the local call a claim holds. */
const LEASE_MARGIN_MS = 30_000;

export type ListenerDeps = {
  call: Call;
  request: ListenRequest;
  api: ListenApi;
  destinationId: string;
  places: readonly OpenPlace[];
  /** Aborted when no further event is to be taken. */
  end: AbortController;
  /** Aborted when what is under way has had its time. */
  last: AbortSignal;
};

/** Takes events and what waits, hands them on, and records what came of it. */
export class Listener {
  readonly #deps: ListenerDeps;
  readonly #slots: Slots;
  readonly #tasks = new Set<Promise<void>>();
  /** Deliveries that wait, and when they are due (ms UTC). */
  readonly #due = new Map<string, number>();
  readonly #underWay = new Set<string>();
  readonly #clock = new ServerClock();
  /** What the first try came to. */
  first: "succeeded" | "failed" | undefined;
  /** Why it cannot go on. */
  fault: unknown;

  constructor(deps: ListenerDeps) {
    this.#deps = deps;
    this.#slots = new Slots(deps.request.concurrency);
  }

  /** Calls under way. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Runs until the end; what is under way then has its time. */
  async run(): Promise<void> {
    const { places } = this.#deps;
    const loops = [...places.map((place) => this.#follow(place)), this.#tryAgain()];
    await Promise.all(loops.map((loop) => this.#guard(loop)));
    await Promise.all(this.#tasks);
  }

  /** Follows a source: what is new since its cursor, the oldest first. */
  async #follow(place: OpenPlace): Promise<void> {
    const { api, end } = this.#deps;
    const { cursor, source } = place;
    const wake = new Wake(this.#deps.call.api, source.id, end.signal);
    let wholeAt = -Infinity;
    let foundAt = performance.now();
    while (!end.signal.aborted) {
      const now = performance.now();
      const isWhole = now - wholeAt >= WHOLE_LOOK_MS;
      if (isWhole) wholeAt = now;
      // What appeared late may stand behind events that are known: a whole look finds it.
      const isKnown = isWhole ? () => false : (id: string) => cursor.knows(id);
      const events = await api.events(source.id, { since: cursor.since, isKnown }, end.signal);
      const byId = new Map(events.map((event) => [event.id, event]));
      for (const id of cursor.found([...byId.keys()])) {
        foundAt = now;
        const event = byId.get(id);
        if (!event || !(await this.#start(() => this.#takeEvent(place, event)))) break;
      }
      // A source that was deleted has no events, and is no error to a list.
      if (now - foundAt >= LISTEN_LOOK_MS) {
        await api.assertSource(source.id, end.signal);
        foundAt = now;
      }
      await wake.wait(end.signal);
    }
  }

  /** Takes what waits when it is due: failed tries, interrupted ones, retries by hand, replays. */
  async #tryAgain(): Promise<void> {
    const { api, destinationId, end, places } = this.#deps;
    const own = new Map(places.map(({ source }) => [source.id, source.slug]));
    const slugs = new Map<string, string>();
    let lookedAt = -Infinity;
    while (!end.signal.aborted) {
      if (performance.now() - lookedAt >= WAITING_POLL_MS) {
        for (const delivery of await api.waiting(destinationId, end.signal)) {
          const { id, sourceId, nextAttemptAt } = delivery;
          // Another process on this machine may listen to other sources by the same name.
          const slug = own.get(sourceId);
          if (slug === undefined || this.#underWay.has(id)) continue;
          slugs.set(id, slug);
          this.#due.set(id, nextAttemptAt === null ? 0 : Date.parse(nextAttemptAt));
        }
        lookedAt = performance.now();
      }
      for (const [id, at] of this.#due) {
        if (at > this.#clock.now()) continue;
        this.#due.delete(id);
        await this.#start(async () => {
          const taken = await api.claim(id, end.signal);
          if (!taken) return;
          await this.#handOn(taken, own.get(taken.delivery.sourceId) ?? slugs.get(id) ?? "");
        });
      }
      await this.#wait(DUE_LOOK_MS);
    }
  }

  async #takeEvent({ cursor, source }: OpenPlace, event: FoundEvent): Promise<void> {
    const { api, destinationId, end } = this.#deps;
    // Such events are handed on to nobody.
    if (event.status === "rejected" || event.status === "muted") return cursor.took(event.id);
    const taken = await api.take(event.id, destinationId, end.signal);
    // From here on it is the server that knows of it: a claim that nobody ends is tried again.
    cursor.took(event.id);
    if (taken?.claimed) await this.#handOn(taken, source.slug);
  }

  async #handOn(taken: Taken, slug: string): Promise<void> {
    const { api, call, end, last, request } = this.#deps;
    const { id } = taken.delivery;
    const holdsMs = request.callTimeoutMs + LEASE_MARGIN_MS;
    const held = AbortSignal.timeout(holdsMs);
    this.#clock.heard(Date.parse(taken.leaseUntil) - holdsMs);
    const until = AbortSignal.any([held, last]);
    this.#underWay.add(id);
    try {
      const startedAt = Date.now();
      const body = await api.body(taken, until);
      const began = performance.now();
      const limits = { timeoutMs: request.callTimeoutMs, signal: last };
      const answer = body
        ? await callLocal(request.forward, taken.request, body, limits)
        : ({ error: { reason: "body_missing", detail: call.say.listen.bodyGone } } as const);
      // It was cut off here: what the server made of it nobody knows.
      if (last.aborted) return;
      const durationMs = Math.round(performance.now() - began);
      const url = localUrl(request.forward, taken.request).slice(0, MAX_KEPT_URL_CHARS);
      const times = { startedAt, durationMs, url };
      const after = await this.#record(taken, answer, times, until);
      if ("status" in after && after.nextAttemptAt !== null) {
        this.#due.set(id, Date.parse(after.nextAttemptAt));
      }
      printTry(call, { slug, taken, answer, durationMs, after });
      this.first ??= isSuccess(answer) ? "succeeded" : "failed";
      if (request.once) end.abort();
    } finally {
      this.#underWay.delete(id);
    }
  }

  async #record(
    taken: Taken,
    answer: Parameters<ListenApi["record"]>[1],
    times: { startedAt: number; durationMs: number; url: string },
    until: AbortSignal,
  ): Promise<Told["after"]> {
    const { api, call } = this.#deps;
    const { listen: say } = call.say;
    try {
      const after = await api.record(taken, answer, times, until);
      if (after) return after;
      const { status } = await api.get(taken.delivery.id);
      return { unrecorded: say.leaseEnded(status) };
    } catch (error) {
      if (!(error instanceof CliError) || !until.aborted) throw error;
      return { unrecorded: say.unrecorded };
    }
  }

  /** Starts a task when there is a slot for it; false when the end came first. */
  async #start(task: () => Promise<void>): Promise<boolean> {
    const { signal } = this.#deps.end;
    await this.#slots.take();
    if (signal.aborted) {
      this.#slots.giveBack();
      return false;
    }
    const running = this.#guard(task()).finally(() => {
      this.#slots.giveBack();
      this.#tasks.delete(running);
    });
    this.#tasks.add(running);
    return true;
  }

  /** A failure ends everything; one that the end has brought about is none. */
  async #guard(work: Promise<void>): Promise<void> {
    const { end } = this.#deps;
    try {
      await work;
    } catch (error) {
      if (end.signal.aborted) return;
      this.fault = error;
      end.abort();
    }
  }

  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#deps.end.signal }).catch(() => {});
  }
}
