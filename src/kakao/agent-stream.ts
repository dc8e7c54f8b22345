import { type FrameSink, MAX_STREAM_LIFE_MS, TopicSockets } from "../channels/index.ts";
import { log } from "../log.ts";
import { Bell } from "./bell.ts";
import {
  CODE_EXPIRED,
  PING_EVERY_MS,
  REOPEN_MS,
  REREAD_MS,
  REREAD_OVERLAP_MS,
} from "./constants.ts";
import type { KakaoDeps } from "./deps.ts";
import {
  frameOf,
  type MessageRow,
  messageFrame,
  PING,
  PROBE,
  wholeSeconds,
} from "./event-frames.ts";
import { type Caller, findCaller } from "./find-caller.ts";
import { markDelivered, readDelivered, readNamed, readQueued } from "./read-messages.ts";
import { accountTopic, type Hint, readHint, sessionTopic } from "./topics.ts";
import { Unproved } from "./unproved.ts";

/** Why a stream ends that its client did not end. */
const ENDINGS = {
  disconnected: { code: "SESSION_DISCONNECTED", message: "The session was disconnected" },
  unknown: { code: "SESSION_ENDED", message: "The session or its token is no longer valid" },
  account: { code: "ACCOUNT_DELETED", message: "The account was deleted" },
} as const;

/**
 * What an agent's client reads. Hints say that there is something, the database says what. Two things go on at a time:
 * one shows messages and waits for a reader that is slow; the other watches whether the caller may still read, and
 * whether somebody has paired.
 */
export class AgentStream {
  readonly #ctx: KakaoDeps;
  readonly #sink: FrameSink;
  readonly #sockets: TopicSockets;
  readonly #startedAt = Date.now();
  readonly #shown = new Set<string>();
  readonly #unproved = new Unproved();
  /** Wakes the one that shows, and the one that watches. */
  readonly #bell = new Bell();
  readonly #watchBell = new Bell();
  #caller: Caller;
  #isOver = false;
  #isConnected = false;
  #giveUpWrite = () => {};
  #timers: ReturnType<typeof setTimeout>[] = [];
  #pingsWaiting = 0;
  /** Messages that hints have named. */
  #named = new Set<string>();
  #notices: Uint8Array[] = [];
  /** Pairings that were told of, and the end of the code that was. */
  readonly #pairings = new Set<string>();
  #expirySaid = 0;
  #rereadAt = 0;
  #readAt = 0;
  #openAt = Number.POSITIVE_INFINITY;
  #watchAt: number;

  constructor(ctx: KakaoDeps, caller: Caller, sink: FrameSink) {
    this.#ctx = ctx;
    this.#sink = sink;
    this.#caller = caller;
    this.#watchAt = this.#startedAt + REREAD_MS;
    this.#sockets = new TopicSockets(ctx.channels, {
      onLine: (line) => {
        const hint = readHint(line);
        // What is none, as the channel's greeting, is none of ours.
        if ("kind" in hint) this.#hear(hint);
      },
      onLost: () => this.#openSoon(),
    });
  }

  /** Listens, so that nothing is missed from here on. A topic that cannot be reached is tried again. */
  async begin(): Promise<void> {
    if (!(await this.#sockets.open(this.#topics))) this.#openSoon();
  }

  /** Shows and watches until the stream ends or is closed. Never throws. */
  async run(): Promise<void> {
    const ping = setInterval(() => this.#ping(), PING_EVERY_MS);
    // The reader may be stuck in the middle of a write, at which an end would wait for ever.
    const limit = setTimeout(() => this.#end(), MAX_STREAM_LIFE_MS + REREAD_MS);
    this.#timers.push(ping, limit);
    if (this.#isOver) this.close();
    await Promise.all([this.#show(), this.#watch()]);
  }

  /** Leaves nothing open. */
  close(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#sockets.closeAll();
    this.#giveUpWrite();
    this.#bell.ring();
    this.#watchBell.ring();
  }

  #end(last?: Uint8Array): void {
    if (this.#isOver) return;
    this.close();
    this.#sink.end(last);
  }

  get #topics(): string[] {
    const { sessionId, account } = this.#caller;
    const ofSession = sessionId === "" ? [] : [sessionTopic(sessionId)];
    return account === null ? ofSession : [...ofSession, accountTopic(account.id)];
  }

  #hear(hint: Hint): void {
    switch (hint.kind) {
      case "message":
        this.#named.add(hint.messageId);
        return this.#bell.ring();
      case "answered":
        return;
      case "unpaired":
        return this.#notify(
          frameOf("unpaired", {
            accountId: this.#caller.account?.id ?? "",
            kakaoUserId: hint.userId,
          }),
        );
      case "paired":
        // Whoever pairs with a session that nobody had paired with is read from the database.
        if (this.#caller.account !== null && hint.pairedAt >= this.#startedAt) {
          return this.#tellPairing(
            hint.accountId,
            hint.conversationKey,
            hint.userId,
            hint.pairedAt,
          );
        }
        return this.#watchSoon();
      case "code_expired":
        if (this.#caller.account !== null) {
          return this.#notify(frameOf("pairing_expired", { reason: hint.reason }));
        }
        return this.#watchSoon();
      case "disconnected":
      case "token_changed":
      case "deleted":
        return this.#watchSoon();
    }
  }

  #notify(frame: Uint8Array): void {
    this.#notices.push(frame);
    this.#bell.ring();
  }

  /** Once for each pairing: a plugin writes its settings anew each time. */
  #tellPairing(accountId: string, conversationKey: string, kakaoUserId: string, at: number): void {
    const key = `${conversationKey} ${at}`;
    if (this.#pairings.has(key)) return;
    this.#pairings.add(key);
    this.#notify(
      frameOf("pairing_complete", { accountId, kakaoUserId, pairedAt: wholeSeconds(at) }),
    );
  }

  async #show(): Promise<void> {
    try {
      while (!this.#isOver && !this.#isDone) await this.#turn();
      this.#end();
    } catch (error) {
      // A reader that is gone is how streams end.
      if (!this.#isOver) log.error("kakao_stream_failed", { error });
      this.#end();
    }
  }

  /** Over an hour old, with nothing under way. */
  get #isDone(): boolean {
    return Date.now() >= this.#startedAt + MAX_STREAM_LIFE_MS && this.#unproved.isEmpty;
  }

  /** Waits for something to show or to prove, and does it. */
  async #turn(): Promise<void> {
    const { isEmpty, dueAt } = this.#unproved;
    const nextAt = isEmpty ? this.#startedAt + MAX_STREAM_LIFE_MS : dueAt;
    await this.#bell.wait(Math.min(this.#readAt, nextAt, this.#openAt));
    if (this.#isOver) return;
    try {
      if (Date.now() >= this.#openAt) await this.#reopen();
      if (this.#isConnected) await this.#writeNotices();
      await this.#showMessages();
      if (!this.#isConnected) await this.#connect();
      await this.#prove();
    } catch (error) {
      if (this.#isOver) throw error;
      // The database could not be asked: everything is read again as soon as it can be.
      log.warn("kakao_stream_not_read", { error });
      this.#rereadAt = 0;
      this.#readAt = 0;
      // Something else may be due already, and would ask at once again.
      await scheduler.wait(REOPEN_MS);
    }
  }

  async #connect(): Promise<void> {
    const { account, sessionId, status } = this.#caller;
    await this.#write(frameOf("connected", { accountId: account?.id ?? "", sessionId, status }));
    this.#isConnected = true;
    // What came while the first ones were read.
    this.#bell.ring();
  }

  async #writeNotices(): Promise<void> {
    for (let frame = this.#notices.shift(); frame; frame = this.#notices.shift()) {
      await this.#write(frame);
    }
  }

  async #showMessages(): Promise<void> {
    const { account } = this.#caller;
    if (account === null) {
      this.#readAt = Number.POSITIVE_INFINITY;
      return;
    }
    const now = Date.now();
    const mustReread = now >= this.#rereadAt;
    if (!mustReread && this.#named.size === 0) return;
    const named = [...this.#named];
    this.#named.clear();
    for await (const row of readQueued(this.#ctx, account.id)) await this.#showOne(row);
    if (named.some((id) => !this.#shown.has(id))) {
      for (const row of await readNamed(this.#ctx, account.id, named)) await this.#showOne(row);
    }
    if (!mustReread) return;
    // Others may have taken what this stream was not told of. What came before it was theirs.
    const since = Math.max(this.#startedAt, this.#rereadAt - REREAD_MS - REREAD_OVERLAP_MS);
    for await (const row of readDelivered(this.#ctx, account.id, since)) await this.#showOne(row);
    this.#rereadAt = now + REREAD_MS;
    this.#readAt = this.#rereadAt;
  }

  async #showOne(row: MessageRow): Promise<void> {
    if (this.#shown.has(row.id)) return;
    await this.#write(messageFrame(row, Date.now()));
    this.#shown.add(row.id);
    if (row.status === "queued") this.#unproved.add(row.id);
  }

  /** A message counts as delivered only when a later write has shown that somebody reads. */
  async #prove(): Promise<void> {
    const { proved } = this.#unproved;
    if (proved.length > 0) {
      const marking = markDelivered(this.#ctx, proved);
      // The reader may go meanwhile, and would get them once more.
      this.#ctx.waitUntil(marking.catch(() => {}));
      try {
        await marking;
        this.#unproved.forgetProved();
      } catch (error) {
        log.warn("kakao_delivered_not_marked", { error });
        this.#unproved.postpone(REOPEN_MS);
      }
    }
    if (!this.#unproved.mustProbe) return;
    this.#unproved.startProbe();
    await this.#write(PROBE);
    this.#unproved.endProbe();
  }

  #openSoon(): void {
    this.#openAt = Math.min(this.#openAt, Date.now() + REOPEN_MS * (1 + Math.random()));
    this.#bell.ring();
  }

  async #reopen(): Promise<void> {
    this.#openAt = Number.POSITIVE_INFINITY;
    if (!(await this.#sockets.open(this.#topics))) this.#openSoon();
    // Whatever was told meanwhile has been missed.
    this.#rereadSoon();
    this.#watchSoon();
  }

  #rereadSoon(): void {
    this.#rereadAt = Math.min(this.#rereadAt, Date.now());
    this.#readAt = 0;
    this.#bell.ring();
  }

  #watchSoon(): void {
    this.#watchAt = 0;
    this.#watchBell.ring();
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const { account, expiresAt } = this.#caller;
      const isExpiryOpen = account === null && expiresAt > this.#expirySaid;
      await this.#watchBell.wait(isExpiryOpen ? Math.min(this.#watchAt, expiresAt) : this.#watchAt);
      if (this.#isOver) return;
      try {
        await this.#look();
      } catch (error) {
        // A passing fault is nothing that a client must know of.
        log.warn("kakao_caller_not_read", { error });
        // A code that is over is due at once again.
        await scheduler.wait(REOPEN_MS);
      }
      this.#watchAt = Date.now() + REREAD_MS;
    }
  }

  /** Whether the caller may still read, and who has paired. */
  async #look(): Promise<void> {
    const found = await findCaller(this.#ctx, this.#caller.tokenHash);
    if (this.#isOver) return;
    if (!("caller" in found)) {
      if (found.gone !== "expired") return this.#end(frameOf("error", ENDINGS[found.gone]));
      const isSaid = this.#expirySaid >= this.#caller.expiresAt;
      return this.#end(isSaid ? undefined : frameOf("pairing_expired", { reason: CODE_EXPIRED }));
    }
    const before = this.#caller;
    const now = found.caller;
    if (before.account !== null && before.account.id !== now.account?.id) {
      return this.#end(frameOf("error", ENDINGS.account));
    }
    this.#caller = now;
    if (before.account === null && now.account !== null) await this.#moveToAccount(now.account.id);
    if (now.status === "pending_pairing") this.#tellExpiry(now.expiresAt);
  }

  /** Somebody has paired: from here on this stream is the account's. */
  async #moveToAccount(accountId: string): Promise<void> {
    if (!(await this.#sockets.open(this.#topics))) this.#openSoon();
    const { pairing } = this.#caller;
    if (pairing) {
      this.#tellPairing(accountId, pairing.conversationKey, pairing.userKey, pairing.at);
    }
    this.#rereadSoon();
  }

  #tellExpiry(expiresAt: number): void {
    if (expiresAt > Date.now() || this.#expirySaid >= expiresAt) return;
    this.#expirySaid = expiresAt;
    this.#notify(frameOf("pairing_expired", { reason: CODE_EXPIRED }));
  }

  #ping(): void {
    if (this.#pingsWaiting > 0) return;
    this.#pingsWaiting++;
    this.#sink.write(PING, () => this.#pingsWaiting--);
  }

  /** Waits until the reader has taken it, so that one who is slow holds back nothing but itself. */
  async #write(frame: Uint8Array): Promise<void> {
    if (this.#isOver) throw new Error("the stream has ended");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#giveUpWrite = () => reject(new Error("the reader is gone"));
    this.#sink.write(frame, resolve);
    await promise;
  }
}
