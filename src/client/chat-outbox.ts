import type { ChatRefusal } from "./chat-refusal.ts";
import type { NewMessage, SentMessage } from "./chat-types.ts";
import { ClientError } from "./client-error.ts";
import { MAX_CHAT_IN_FLIGHT, MIN_CHAT_RETRY_MS } from "./constants.ts";
import { randomKey } from "./random-key.ts";

type Entry = {
  text: string;
  /** The connection has it, and has not answered. */
  isSent: boolean;
  promise: Promise<SentMessage>;
  settle: (result: SentMessage | ClientError) => void;
};
type Write = (text: string) => void;

/** Messages that the server has not confirmed, in their order. Each is sent anew over each new connection. */
export class ChatOutbox {
  readonly #entries = new Map<string, Entry>();
  readonly #timeoutMs: number;
  #write: Write | null = null;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** A message that is under way already is the same one. */
  add({ conversationId, content, tempMessageId = randomKey() }: NewMessage): Promise<SentMessage> {
    const earlier = this.#entries.get(tempMessageId);
    if (earlier) return earlier.promise;
    const frame = { action: "send-message", tempMessageId, conversationId, content };
    const entry = createEntry(JSON.stringify(frame), this.#timeoutMs, () => {
      this.#entries.delete(tempMessageId);
      this.#flush();
    });
    this.#entries.set(tempMessageId, entry);
    this.#flush();
    return entry.promise;
  }

  /** There is a connection, which has been sent nothing. Null: there is none any more. */
  connect(write: Write | null): void {
    this.#write = write;
    for (const entry of this.#entries.values()) entry.isSent = false;
    this.#flush();
  }

  confirm(frame: Record<string, unknown>): void {
    const { tempMessageId, conversationId, messageId, sentAt } = frame as Partial<SentMessage>;
    if (!tempMessageId || !conversationId || !messageId || !sentAt) return;
    const sent = { tempMessageId, conversationId, messageId, sentAt };
    this.#entries.get(tempMessageId)?.settle(sent);
  }

  /** False: it is no message of ours. One that the server cannot take now is sent again. */
  refuse(tempMessageId: unknown, refusal: ChatRefusal): boolean {
    const entry = typeof tempMessageId === "string" && this.#entries.get(tempMessageId);
    if (!entry) return false;
    if (!refusal.isPassing) entry.settle(refusal);
    else {
      entry.isSent = false;
      this.#wait(Math.max(refusal.retryAfterMs, MIN_CHAT_RETRY_MS));
    }
    return true;
  }

  close(error: ClientError): void {
    this.#write = null;
    clearTimeout(this.#pause);
    for (const { settle } of this.#entries.values()) settle(error);
  }

  #wait(ms: number): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#flush();
    }, ms);
  }

  /** No more than a bound ahead of the server's answers: what it refuses for now would else be refused again and again. */
  #flush(): void {
    if (!this.#write || this.#pause) return;
    const waiting = [...this.#entries.values()].slice(0, MAX_CHAT_IN_FLIGHT);
    for (const entry of waiting) {
      if (entry.isSent) continue;
      entry.isSent = true;
      this.#write(entry.text);
    }
  }
}

function createEntry(text: string, timeoutMs: number, onSettled: () => void): Entry {
  const { promise, resolve, reject } = deferred();
  const settle = (result: SentMessage | ClientError) => {
    clearTimeout(timer);
    if (result instanceof ClientError) reject(result);
    else resolve(result);
    onSettled();
  };
  const late = () => settle(new ClientError("The message was not confirmed in time."));
  const timer = setTimeout(late, timeoutMs);
  return { text, isSent: false, promise, settle };
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function deferred() {
  let resolve: (sent: SentMessage) => void = () => {};
  let reject: (error: ClientError) => void = () => {};
  const promise = new Promise<SentMessage>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
