import type { ClientError } from "./client-error.ts";
import type { Timing } from "./constants.ts";
import type { Frame, Gap } from "./frame.ts";
import type { Token } from "./token.ts";
import type { TransportName } from "./transport.ts";

/** What a subscription is doing. `waiting`: until it connects again, and why. `closed` with an error: it gave up. */
export type State =
  | { kind: "connecting"; transport: TransportName }
  | { kind: "open"; transport: TransportName }
  | { kind: "waiting"; transport: TransportName; waitMs: number; error: ClientError }
  | { kind: "closed"; error?: ClientError };

/** What is subscribed to: a channel by its name, or another stream by its path. */
export type Target =
  | { channel: string; path?: undefined }
  /** E.g. `/api/v1/sources/src_…/live`: Server-Sent Events whose ids are cursors. */
  | { path: string; channel?: undefined };

export type StreamOptions = Target & {
  /** The app host, e.g. `https://app.example.com`. */
  url: string | URL;
  /** A function is asked for a fresh token when one has expired. Without: the page's cookie. */
  token?: Token;
  /** `all`, `latest`, or the id of the last frame that was read; otherwise from now on. */
  since?: string;
  /** `auto` (the default): WebSocket, then Server-Sent Events, then long polls, as far as the network lets them through. */
  transport?: TransportName | "auto";
  /** A subscriber that reads too slowly misses frames and is told (`drop`), or is cut and goes on (`disconnect`). */
  slow?: "drop" | "disconnect";
  /** Ends the subscription. */
  signal?: AbortSignal;
  /** Waiting times other than the usual ones. */
  timing?: Partial<Timing>;
};

export type SubscribeOptions = StreamOptions & {
  /** The next frame comes when its promise is done. What it throws ends the subscription. */
  onFrame(frame: Frame): void | Promise<void>;
  /** Frames that are gone for good. It must be given: a gap that nobody hears of would be silent. */
  onGap(gap: Gap): void | Promise<void>;
  onState?(state: State): void;
};

export type Subscription = {
  readonly state: State;
  /** Id of the last frame that `onFrame` is done with: what a later subscription takes as `since`. Null: none yet. */
  readonly position: string | null;
  /** Resolves when it was closed and the last frame is done with; rejects with a ClientError when it gave up. */
  readonly done: Promise<void>;
  close(): void;
};
