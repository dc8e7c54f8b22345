import type { Settings } from "../context.ts";
import type { StoredRequest, StoredResponse } from "../db/schema/events.ts";
import type { SourceFacts } from "../source-preset.ts";
import type { Reason } from "./reasons.ts";

export type { Reason } from "./reasons.ts";

/** The stored event as a destination sees it. */
export type OutgoingEvent = {
  id: string;
  method: string;
  host: string;
  path: string;
  /** Raw query without `?`. */
  query: string;
  headers: [string, string][];
  contentType: string | null;
  size: number;
  receivedAt: number;
  hops: number;
  senderId: string | null;
  senderName: string;
  source: SourceFacts;
  /** The body's bytes; a stream when they are in R2. Each call of it opens them anew; null when the object is gone. */
  openBody: () => Promise<Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null>;
};

/** What a rule's transform has made of an event. It is sent instead of the event's body. */
export type Output = { contentType: string } & (
  | { kind: "text"; text: string }
  /** For messaging kinds the whole payload. */
  | { kind: "json"; json: unknown }
);

/** One try of one delivery. */
export type AttemptInput = {
  deliveryId: string;
  /** 1 for the first try. */
  number: number;
  event: OutgoingEvent;
  /** Absent: the rule has no transform, and the event's own body is sent. */
  output?: Output;
  settings: Settings;
  /** True for the marked sample of `POST /destinations/{id}/test`. */
  sample?: boolean;
};

/** What a try came to. An outside failure is data, never an exception. */
export type Outcome =
  | { ok: true }
  | {
      ok: false;
      /** False: no further try. */
      retry: boolean;
      reason: Reason;
      /** The wait that the other side asked for, in milliseconds. */
      retryAfterMs?: number;
      /** True: this try does not count against the schedule (a vendor's 429). */
      uncounted?: boolean;
      /** `disable`: nothing will ever succeed here; `pause`: hold the whole destination for `retryAfterMs`. */
      effect?: "disable" | "pause";
    };

/** The outcome with what was sent and received, ready to be stored (secrets already masked). */
export type AttemptResult = {
  outcome: Outcome;
  request?: StoredRequest;
  /** Set when what was sent is not the event's own body. */
  requestBody?: Uint8Array<ArrayBuffer>;
  response?: StoredResponse;
  responseBody?: Uint8Array<ArrayBuffer>;
};
