import type { ChatFrame } from "./chat-socket.ts";
import type { ChatPush } from "./chat-types.ts";
import { ClientError } from "./client-error.ts";
import { MAX_SEEN_MESSAGES } from "./constants.ts";
import type { Cut } from "./cut.ts";
import { LogReader } from "./log-reader.ts";
import { readPlace, writePlace } from "./place.ts";

/** What has been read of a user's pushes, over all connections: each once and in its order, or as part of a gap. */
export class ChatLog {
  readonly #reader: LogReader;
  readonly #seen = new Set<string>();
  readonly #onPush: (push: ChatPush) => void;
  #epoch = "";

  constructor(options: { onPush(push: ChatPush): void; onGap(): void }, since: string | undefined) {
    this.#onPush = options.onPush.bind(options);
    const frame = ({ data }: { data: unknown }) => this.#give(data as ChatPush);
    this.#reader = new LogReader({ frame, gap: options.onGap.bind(options) }, since);
  }

  position(): string | null {
    return this.#reader.position();
  }

  /** What a connection says first. Gives what is to be asked for. */
  begin({ epoch }: ChatFrame): object {
    if (typeof epoch !== "string") throw new ClientError("The server's first frame has no epoch.");
    this.#epoch = epoch;
    const last = readPlace(this.position() ?? "");
    return last ? { action: "resume", after: last.seq, epoch: last.epoch } : { action: "resume" };
  }

  /** Where the pushes go on. */
  async resume({ epoch, seq, isComplete }: ChatFrame): Promise<Cut | null> {
    if (typeof epoch === "string") this.#epoch = epoch;
    const id = this.#idOf(seq);
    const from = this.position();
    if (from !== null && isComplete === false) {
      return this.#reader.take({ id, event: "gap", data: { from, to: id }, at: null });
    }
    this.#reader.ready(id);
    return null;
  }

  take({ seq, ...push }: ChatFrame): Promise<Cut | null> {
    return this.#reader.take({ id: this.#idOf(seq), event: "message", data: push, at: null });
  }

  #idOf(seq: unknown): string {
    if (typeof seq !== "number") throw new ClientError("A push came without its number.");
    return writePlace({ epoch: this.#epoch, seq });
  }

  #give(push: ChatPush): void {
    if (push.type === "new-message" && this.#hasSeen(push.messageId)) return;
    this.#onPush(push);
  }

  /** Behind a gap, or in a log that began anew, a message may come again under another number. */
  #hasSeen(messageId: string): boolean {
    if (this.#seen.has(messageId)) return true;
    this.#seen.add(messageId);
    const [oldest] = this.#seen;
    if (this.#seen.size > MAX_SEEN_MESSAGES && oldest !== undefined) this.#seen.delete(oldest);
    return false;
  }
}
