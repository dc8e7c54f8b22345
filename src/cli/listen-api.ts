import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { NotTaken, Taken } from "../deliveries/listen-schemas.ts";
import type { Delivery, DeliverySummary } from "../deliveries/schemas.ts";
import type { Destination } from "../destinations/schemas.ts";
import type { Event } from "../events/schemas.ts";
import type { Source } from "../sources/schemas.ts";
import type { Call } from "./call.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { readBytes } from "./fetch-from.ts";
import type { LocalAnswer } from "./listen-call.ts";
import { MAX_API_WAIT_MS } from "./listen-constants.ts";
import type { ListenRequest } from "./listen-request.ts";
import { pagesOf, readPages } from "./read-pages.ts";

const ALL = Number.POSITIVE_INFINITY;

/** An event as far as a listener must know it to take it. */
export type FoundEvent = Pick<Event, "id" | "status">;

/** What a listener asks of the API. What may work later is asked again until it is told to stop. */
export class ListenApi {
  readonly #call: Call;
  readonly #request: ListenRequest;
  #isDown = false;

  constructor(call: Call, request: ListenRequest) {
    this.#call = call;
    this.#request = request;
  }

  /** The listener's destination: the oldest of its name, made when there is none. */
  async findDestination(): Promise<Destination> {
    const { name } = this.#request;
    const found = await this.#named(name);
    if (found) return found;
    const { api } = this.#call;
    const body = { kind: "listen", name, config: {} };
    const made = await api.create<Destination>("/destinations", "id", body);
    // Two that start at once make two; both take the older one.
    return (await this.#named(name)) ?? made;
  }

  async #named(name: string): Promise<Destination | undefined> {
    const all = await readPages<Destination>(this.#call.api, "/destinations", {}, ALL);
    return all.findLast((one) => one.kind === "listen" && one.name === name);
  }

  /** Id of the newest event of a source; null when it has none. */
  async newestEvent(sourceId: string): Promise<string | null> {
    const [newest] = await readPages<Event>(this.#call.api, "/events", { sourceId }, 1);
    return newest?.id ?? null;
  }

  /** Events of a source since a time (ms UTC), from the newest back to a page of which all are known. */
  async events(
    sourceId: string,
    { since, isKnown }: { since: number | undefined; isKnown: (id: string) => boolean },
    stop: AbortSignal,
  ): Promise<FoundEvent[]> {
    const from = since === undefined ? undefined : new Date(since).toISOString();
    const read = async () => {
      const all: FoundEvent[] = [];
      const pages = pagesOf<Event>(this.#call.api, "/events", { sourceId, from }, ALL);
      for await (const { items } of pages) {
        // No more of them than is needed: a backlog may be long.
        all.push(...items.map(({ id, status }) => ({ id, status })));
        if (items.every(({ id }) => isKnown(id))) break;
      }
      return all;
    };
    return this.#again(read, stop);
  }

  /** Throws when the source is gone. */
  async assertSource(id: string, stop: AbortSignal): Promise<void> {
    await this.#again(() => this.#call.api.get<Source>(`/sources/${id}`, "id"), stop);
  }

  /** The listener's deliveries that wait, due or not. */
  async waiting(destinationId: string, stop: AbortSignal): Promise<DeliverySummary[]> {
    const read = (status: string) =>
      readPages<DeliverySummary>(this.#call.api, "/deliveries", { destinationId, status }, ALL);
    const pages = await this.#again(() => Promise.all([read("retrying"), read("pending")]), stop);
    return pages.flat();
  }

  /** Takes an event; undefined when it is gone. */
  async take(
    eventId: string,
    destinationId: string,
    stop: AbortSignal,
  ): Promise<Taken | NotTaken | undefined> {
    const { match, callTimeoutMs: timeoutMs } = this.#request;
    const body = { eventId, destinationId, match, timeoutMs };
    // One key for all tries: a claim whose answer was lost is answered again.
    const once = randomUUID();
    const send = () =>
      this.#call.api.create<Taken | NotTaken>("/deliveries", "claimed", body, once);
    return unless(404, this.#again(send, stop));
  }

  /** Takes a delivery that waits; undefined when it is gone, not due or somebody else's. */
  async claim(id: string, stop: AbortSignal): Promise<Taken | undefined> {
    const body = { timeoutMs: this.#request.callTimeoutMs };
    const send = () =>
      this.#call.api.send<Taken>("POST", `/deliveries/${id}/claim`, "leaseId", body);
    return unless(409, unless(404, this.#again(send, stop)));
  }

  /** The bytes to send; undefined when they are gone. */
  async body({ request }: Taken, until: AbortSignal): Promise<Uint8Array | undefined> {
    const { body, bodyBase64, bodyUrl } = request;
    if (bodyBase64 !== undefined) return Buffer.from(bodyBase64, "base64");
    if (bodyUrl === undefined) return Buffer.from(body ?? "");
    const open = async () => {
      const response = await this.#call.api.open(bodyUrl.replace(/^\/api\/v1/, ""));
      return readBytes(response, this.#call.say);
    };
    return unless(404, this.#again(open, until));
  }

  /** Records an outcome while its lease holds; undefined when that has ended. */
  async record(
    { delivery, leaseId }: Taken,
    told: LocalAnswer | { error: { reason: "body_missing" } },
    times: { startedAt: number; durationMs: number; url: string },
    until: AbortSignal,
  ): Promise<DeliverySummary | undefined> {
    const startedAt = new Date(times.startedAt).toISOString();
    const body = { leaseId, ...times, startedAt, ...told };
    const path = `/deliveries/${delivery.id}/outcome`;
    const send = () => this.#call.api.send<DeliverySummary>("POST", path, "id", body);
    return unless(409, unless(404, this.#again(send, until)));
  }

  get(id: string): Promise<Delivery> {
    return this.#call.api.get<Delivery>(`/deliveries/${id}`, "id");
  }

  /** Calls until there is an answer, or a refusal that will stay one. */
  async #again<T>(send: () => Promise<T>, stop: AbortSignal): Promise<T> {
    const { cli, say } = this.#call;
    for (let failures = 0; ; failures++) {
      try {
        const answer = await send();
        if (this.#isDown) cli.stderr.write(`baton: ${say.listen.apiIsBack}\n`);
        this.#isDown = false;
        return answer;
      } catch (error) {
        const isPassing = error instanceof CliError && error.exitCode === EXIT.unavailable;
        if (!isPassing || stop.aborted) throw error;
        if (!this.#isDown) cli.stderr.write(`baton: ${say.listen.waitingForApi(error.message)}\n`);
        this.#isDown = true;
        const wait = Math.min(500 * 2 ** failures, MAX_API_WAIT_MS) * (0.5 + Math.random() / 2);
        await sleep(wait, undefined, { signal: stop }).catch(() => {
          throw error;
        });
      }
    }
  }
}

/** Undefined instead of a refusal with this status. */
async function unless<T>(status: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof CliError && error.status === status) return undefined;
    throw error;
  }
}
