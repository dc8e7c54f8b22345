import type { ChatRefusal } from "./chat-refusal.ts";
import type { ChatHint, ChatPush, NewMessage, SentMessage } from "./chat-types.ts";
import type { ClientError } from "./client-error.ts";
import type { Timing } from "./constants.ts";
import type { Token } from "./token.ts";

/** What a chat is doing. `waiting`: until it connects again, and why. `closed` with an error: it gave up. */
export type ChatState =
  | { kind: "connecting" }
  | { kind: "open"; userId: string }
  | { kind: "waiting"; waitMs: number; error: ClientError }
  | { kind: "closed"; error?: ClientError };

export type ChatOptions = {
  /** The app host, e.g. `https://app.example.com`. */
  url: string | URL;
  /** `/chat`, or `/chat/<slug>` for another source's. */
  path?: string;
  /** A function is asked for a fresh token when one has expired. */
  token: Token;
  /** `position` of an earlier chat: what came since is told first. Otherwise from now on. */
  since?: string;
  /** What it throws ends the chat. */
  onPush(push: ChatPush): void;
  /** Some pushes cannot be had any more: read lists anew. It must be given, or they would be lost in silence. */
  onGap(): void;
  onHint?(hint: ChatHint): void;
  /** A fault of a frame other than a message's, whose `send` rejects. */
  onRefusal?(refusal: ChatRefusal): void;
  onState?(state: ChatState): void;
  /** How long a message is tried, in ms: 60,000. */
  sendTimeoutMs?: number;
  /** Ends the chat. */
  signal?: AbortSignal;
  /** Waiting times other than the usual ones. */
  timing?: Partial<Timing>;
};

export type Chat = {
  readonly state: ChatState;
  /** Behind the last push: what a later chat takes as `since`. Null: none yet. */
  readonly position: string | null;
  /** Resolves when it was closed; rejects with a ClientError when it gave up. */
  readonly done: Promise<void>;
  /**
   * Sends a message, also when there is no connection now: it goes with the next one, and is the same message however
   * often it is sent. Rejects with a ChatRefusal, or a ClientError when the time is over or the chat closed; with the
   * same `tempMessageId` it can be tried again.
   */
  send(message: NewMessage): Promise<SentMessage>;
  /** All of a conversation has been read, or all up to a message. Told again until the server has it. */
  read(conversationId: string, messageId?: string): void;
  /** Told only when there is a connection. */
  typing(conversationId: string, isTyping: boolean): void;
  /** Connects now instead of after the wait, e.g. when the network is back; asks an open connection whether it lives. */
  wake(): void;
  close(): void;
};
