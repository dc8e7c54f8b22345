import { createAddress } from "./address.ts";
import { backoffMs } from "./backoff.ts";
import { TRANSPORTS, TransportChoice } from "./choose-transport.ts";
import { ClientError } from "./client-error.ts";
import { TIMING, type Timing } from "./constants.ts";
import { CursorReader } from "./cursor-reader.ts";
import type { Cut } from "./cut.ts";
import type { Frame } from "./frame.ts";
import { LogReader, type Reader } from "./log-reader.ts";
import type { State, SubscribeOptions, Subscription } from "./options.ts";
import { linkedTo, pause, untilAborted } from "./pause.ts";
import { reasonOf } from "./refusal.ts";
import { TokenKeeper, withoutToken } from "./token.ts";
import type { Line } from "./transport.ts";

/** Opens connections, one after the other, until it is closed or refused for good. */
export class Subscriber implements Subscription {
  readonly done: Promise<void>;
  readonly #onState: (state: State) => void;
  readonly #address: ReturnType<typeof createAddress>;
  readonly #reader: Reader;
  readonly #tokens: TokenKeeper;
  readonly #choice: TransportChoice;
  readonly #timing: Timing;
  readonly #link: ReturnType<typeof linkedTo>;
  #state: State;
  /** What the stream asks to wait before each new connection. */
  #retryMs = 0;
  #openedAt: number | undefined;

  constructor(options: SubscribeOptions) {
    this.#address = createAddress(options);
    this.#choice = new TransportChoice(options);
    this.#onState = options.onState?.bind(options) ?? (() => {});
    const sink = { frame: options.onFrame.bind(options), gap: options.onGap.bind(options) };
    const ReaderOfIt = options.channel === undefined ? CursorReader : LogReader;
    this.#reader = new ReaderOfIt(sink, options.since);
    this.#tokens = new TokenKeeper(options.token);
    this.#timing = { ...TIMING, ...options.timing };
    this.#link = linkedTo(options.signal);
    this.#state = { kind: "connecting", transport: this.#choice.name };
    // Not before the caller has the handle.
    this.done = Promise.resolve().then(() => this.#run());
    // It is also told as a state: who does not look at `done` must not have their process ended by it.
    this.done.catch(() => {});
  }

  get state(): State {
    return this.#state;
  }

  get position(): string | null {
    return this.#reader.position();
  }

  close(): void {
    this.#link.controller.abort();
  }

  get #signal(): AbortSignal {
    return this.#link.controller.signal;
  }

  async #run(): Promise<void> {
    try {
      await this.#connectAgainAndAgain();
    } catch (thrown) {
      this.#link.controller.abort();
      const error =
        thrown instanceof ClientError
          ? thrown
          : new ClientError(`A handler failed: ${reasonOf(thrown)}`, 0, { cause: thrown });
      this.#change({ kind: "closed", error });
      throw error;
    } finally {
      this.#link.unlink();
    }
    this.#change({ kind: "closed" });
  }

  /** Until it is closed. Throws what cannot be mended by a new connection. */
  async #connectAgainAndAgain(): Promise<void> {
    let failures = 0;
    while (!this.#signal.aborted) {
      const cut = await this.#connect();
      if (cut.kind === "final") throw cut.error;
      if (this.#signal.aborted) return;
      if (this.#wasStable()) failures = 0;
      const isBadToken = cut.kind !== "lost";
      if (isBadToken && !this.#tokens.renew()) throw withoutToken(cut);
      // Asked again at once: the token was the fault, and the second refusal is final.
      if (cut.kind === "unauthorized" || this.#choice.change(cut)) continue;
      await this.#wait(cut, failures++);
    }
  }

  async #connect(): Promise<Cut> {
    const transport = this.#choice.name;
    this.#openedAt = undefined;
    this.#change({ kind: "connecting", transport });
    try {
      const token = await untilAborted(this.#tokens.get(), this.#signal);
      return await TRANSPORTS[transport](this.#line(token));
    } catch (cause) {
      const error = new ClientError(`No token can be had: ${reasonOf(cause)}`, 0, { cause });
      return { kind: "lost", error };
    }
  }

  #line(token: string | undefined): Line {
    return {
      url: (transport) => this.#address(transport, this.#reader.since()),
      token,
      signal: this.#signal,
      timing: this.#timing,
      opened: () => this.#opened(),
      isOpen: () => this.#openedAt !== undefined,
      take: (frame) => this.#take(frame),
      ready: (id) => this.#reader.ready(id),
      retry: (ms) => {
        this.#retryMs = ms;
      },
    };
  }

  #opened(): void {
    if (this.#openedAt !== undefined) return;
    this.#openedAt = performance.now();
    this.#tokens.taken();
    this.#change({ kind: "open", transport: this.#choice.name });
  }

  async #take(frame: Frame): Promise<Cut | null> {
    if (this.#signal.aborted) return { kind: "lost", error: new ClientError("It was closed.") };
    try {
      return await this.#reader.take(frame);
    } catch (cause) {
      const error = new ClientError(`A handler failed: ${reasonOf(cause)}`, 0, { cause });
      return { kind: "final", error };
    }
  }

  async #wait({ error, ...cut }: Cut, failures: number): Promise<void> {
    const asked = cut.kind === "lost" ? (cut.floorMs ?? 0) : 0;
    const floorMs = Math.max(asked, this.#retryMs);
    const waitMs = backoffMs(this.#timing, { failures, floorMs, random: Math.random() });
    this.#change({ kind: "waiting", transport: this.#choice.name, waitMs, error });
    await pause(waitMs, this.#signal);
  }

  #wasStable(): boolean {
    const { stableMs } = this.#timing;
    return this.#openedAt !== undefined && performance.now() - this.#openedAt >= stableMs;
  }

  #change(state: State): void {
    this.#state = state;
    this.#onState(state);
  }
}
