import type { Deps, Settings } from "../context.ts";
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

/** An earlier try of a delivery, as a kind judges whether its end is known. */
export type EarlierTry = {
  number: number;
  outcome: "succeeded" | "failed" | "interrupted";
  reason: string | null;
  responseStatus: number | null;
};

/** What other deliveries have to do with a request that is found at the service. */
export type Rivals = {
  /** Those of the requests that they have on their receipts. */
  taken: ReadonlySet<string>;
  /** One to the same destination is being tried just now: what it has done is not written yet. */
  isBusy: boolean;
};

/** A try whose end is unknown. */
export type Doubt = {
  number: number;
  /** Between which times it was under way, in milliseconds UTC. */
  from: number;
  to: number;
  /** What it sent, when that is on record; a transform may make something else of the event now. */
  requestBody?: Uint8Array | null;
};

/** What earlier tries of a delivery have left. */
export type Earlier = {
  /** `deliveries.receipt`, as the kind has written it. */
  receipt: unknown;
  /** Tries of which nobody knows whether the service took them. */
  doubts: Doubt[];
  /** Looks at the other deliveries since a time (ms UTC), for requests by their ids. */
  rivals: (since: number, requestIds: readonly string[]) => Promise<Rivals>;
};

/** One try of one delivery. */
export type AttemptInput = {
  deliveryId: string;
  organizationId: string;
  destinationId: string;
  /** 1 for the first try. */
  number: number;
  event: OutgoingEvent;
  /** Absent: the rule has no transform, and the event's own body is sent. */
  output?: Output;
  settings: Settings;
  /** Where kinds count, archive and publish. */
  stores: Pick<Deps, "db" | "bodies" | "channels" | "mailboxes">;
  /** Absent: this is the first try, or its kind asks for nothing of the kind. */
  earlier?: Earlier;
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
  /** What the destination has taken on by now; absent: as before. */
  receipt?: unknown;
  /** When the service is to be asked what became of it (ms UTC); null: never. Goes with `receipt`. */
  receiptDueAt?: number | null;
};
