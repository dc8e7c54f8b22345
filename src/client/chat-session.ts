import { backoffMs } from "./backoff.ts";
import { ChatLog } from "./chat-log.ts";
import type { Chat, ChatOptions, ChatState } from "./chat-options.ts";
import { ChatOutbox } from "./chat-outbox.ts";
import { ChatReads } from "./chat-reads.ts";
import { ChatRefusal } from "./chat-refusal.ts";
import { type ChatFrame, runChatSocket, type Write } from "./chat-socket.ts";
import type { ChatHint, NewMessage, SentMessage } from "./chat-types.ts";
import { ClientError } from "./client-error.ts";
import { CHAT_SEND_TIMEOUT_MS, TIMING, type Timing } from "./constants.ts";
import type { Cut } from "./cut.ts";
import { linkedTo, pause, untilAborted } from "./pause.ts";
import { reasonOf } from "./refusal.ts";
import { TokenKeeper, withoutToken } from "./token.ts";

/** Opens connections, one after the other, until it is closed or refused for good. */
export class ChatSession implements Chat {
  readonly done: Promise<void>;
  readonly #address: (token: string) => URL;
  readonly #options: ChatOptions;
  readonly #log: ChatLog;
  readonly #outbox: ChatOutbox;
  readonly #reads = new ChatReads();
  readonly #tokens: TokenKeeper;
  readonly #timing: Timing;
  readonly #link: ReturnType<typeof linkedTo>;
  #state: ChatState = { kind: "connecting" };
  #userId = "";
  #write: Write | null = null;
  #probe: (() => void) | null = null;
  #openedAt: number | undefined;
  #wake = new AbortController();

  constructor(options: ChatOptions) {
    this.#address = createAddress(options);
    this.#options = options;
    this.#log = new ChatLog(options, options.since);
    this.#outbox = new ChatOutbox(options.sendTimeoutMs ?? CHAT_SEND_TIMEOUT_MS);
    this.#tokens = new TokenKeeper(options.token);
    this.#timing = { ...TIMING, ...options.timing };
    this.#link = linkedTo(options.signal);
    // Not before the caller has the handle.
    this.done = Promise.resolve().then(() => this.#run());
    // It is also told as a state: who does not look at `done` must not have their process ended by it.
    this.done.catch(() => {});
  }

  get state(): ChatState {
    return this.#state;
  }

  get position(): string | null {
    return this.#log.position();
  }

  send(message: NewMessage): Promise<SentMessage> {
    if (this.#signal.aborted) return Promise.reject(closed());
    return this.#outbox.add(message);
  }

  read(conversationId: string, messageId?: string): void {
    const frame = this.#reads.add(conversationId, messageId);
    this.#write?.(frame);
  }

  typing(conversationId: string, isTyping: boolean): void {
    this.#write?.({ action: "typing", conversationId, isTyping });
  }

  wake(): void {
    this.#wake.abort();
    this.#probe?.();
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
      this.#end(closed());
      this.#change({ kind: "closed" });
    } catch (thrown) {
      const error = thrown as ClientError;
      this.#link.controller.abort();
      this.#end(error);
      this.#change({ kind: "closed", error });
      throw error;
    }
  }

  #end(error: ClientError): void {
    this.#link.unlink();
    this.#outbox.close(error);
  }

  /** Until it is closed. Throws what cannot be mended by a new connection. */
  async #connectAgainAndAgain(): Promise<void> {
    let failures = 0;
    while (!this.#signal.aborted) {
      const cut = await this.#connect();
      this.#disconnect();
      if (this.#signal.aborted) return;
      if (cut.kind === "final") throw cut.error;
      if (this.#wasStable()) failures = 0;
      if (cut.kind !== "lost" && !this.#tokens.renew()) throw withoutToken(cut);
      // Asked again at once: the token was the fault, and the second refusal is final.
      if (cut.kind !== "unauthorized") await this.#wait(cut, failures++);
    }
  }

  async #connect(): Promise<Cut> {
    this.#openedAt = undefined;
    this.#change({ kind: "connecting" });
    let token: string;
    try {
      token = (await untilAborted(this.#tokens.get(), this.#signal)) ?? "";
    } catch (cause) {
      const error = new ClientError(`No token can be had: ${reasonOf(cause)}`, 0, { cause });
      return { kind: "lost", error };
    }
    return runChatSocket({
      url: this.#address(token),
      signal: this.#signal,
      timing: this.#timing,
      isOpen: () => this.#openedAt !== undefined,
      take: (frame, write) => this.#take(frame, write),
      onProbe: (probe) => {
        this.#probe = probe;
      },
    });
  }

  async #take(frame: ChatFrame, write: Write): Promise<Cut | null> {
    if (frame.type === "ready") {
      this.#openedAt = performance.now();
      this.#tokens.taken();
      this.#userId = String(frame.userId);
      write(this.#log.begin(frame));
    } else if (frame.type === "resumed") {
      const cut = await this.#log.resume(frame);
      if (cut) return cut;
      // It comes again to one that has read too slowly.
      if (this.#write === null) this.#open(write);
    } else if (frame.type === "ack") this.#outbox.confirm(frame);
    else if (frame.type === "error") return this.#refuse(frame);
    else if (frame.seq !== undefined) return this.#takePush(frame);
    else if (frame.type === "typing" || frame.type === "presence") {
      this.#options.onHint?.(frame as unknown as ChatHint);
    }
    return null;
  }

  async #takePush(frame: ChatFrame): Promise<Cut | null> {
    if (frame.type === "read-messages" && frame.userId === this.#userId) this.#reads.told(frame);
    return this.#log.take(frame);
  }

  #open(write: Write): void {
    this.#write = write;
    for (const frame of this.#reads.all()) write(frame);
    this.#outbox.connect(write);
    this.#change({ kind: "open", userId: this.#userId });
  }

  #disconnect(): void {
    this.#write = null;
    this.#outbox.connect(null);
  }

  #refuse(frame: ChatFrame): Cut | null {
    const refusal = new ChatRefusal(frame);
    // Nothing would be told any more.
    if (refusal.action === "resume") {
      return { kind: "lost", error: refusal, floorMs: refusal.retryAfterMs };
    }
    if (!this.#outbox.refuse(frame.tempMessageId, refusal)) this.#options.onRefusal?.(refusal);
    return null;
  }

  async #wait({ error, ...cut }: Cut, failures: number): Promise<void> {
    const floorMs = cut.kind === "lost" ? (cut.floorMs ?? 0) : 0;
    const waitMs = backoffMs(this.#timing, { failures, floorMs, random: Math.random() });
    const { controller, unlink } = linkedTo(this.#signal);
    this.#wake = controller;
    this.#change({ kind: "waiting", waitMs, error });
    await pause(waitMs, controller.signal);
    unlink();
  }

  #wasStable(): boolean {
    const { stableMs } = this.#timing;
    return this.#openedAt !== undefined && performance.now() - this.#openedAt >= stableMs;
  }

  #change(state: ChatState): void {
    this.#state = state;
    this.#options.onState?.(state);
  }
}

function createAddress({ url, path = "/chat" }: ChatOptions): (token: string) => URL {
  const address = new URL(`${path}/ws/`, url);
  const base = new URL(url);
  // The token must not go elsewhere.
  if (!/^https?:$/.test(base.protocol) || address.origin !== base.origin || !path.startsWith("/")) {
    throw new TypeError("url is http: or https:, and path begins with / and stays on its host.");
  }
  return (token) => {
    const query = new URLSearchParams({ Authorization: token, v: "2" });
    return new URL(`?${query.toString()}`, address);
  };
}

function closed(): ClientError {
  return new ClientError("The chat was closed.");
}
