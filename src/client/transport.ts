import type { Timing } from "./constants.ts";
import type { Cut } from "./cut.ts";
import type { Frame } from "./frame.ts";

export type TransportName = "ws" | "sse" | "ndjson" | "poll";

/** One connection, as its transport sees the subscription. */
export type Line = {
  /** Where it is opened, with where to go on from. Anew for each request: a poll makes many. */
  url(transport: TransportName): URL;
  token: string | undefined;
  signal: AbortSignal;
  timing: Timing;
  /** The server has been heard. */
  opened(): void;
  isOpen(): boolean;
  /** Hands a frame over, and waits until it is done with. A cut: this connection is of no more use. */
  take(frame: Frame): Promise<Cut | null>;
  /** The server's position, said without a frame. */
  ready(id: string): void;
  /** What the server asks to wait before each new connection, in ms. */
  retry(ms: number): void;
};

/** Opens a connection and reads it to its end. Never throws. */
export type Transport = (line: Line) => Promise<Cut>;
