import { ClientError } from "./client-error.ts";

/** One frame of a channel, or one event of a stream. */
export type Frame = {
  /** Where to go on after it: what `since` takes. */
  id: string;
  event: string;
  data: unknown;
  /** When it was published, ISO 8601. Server-Sent Events do not say it: null. */
  at: string | null;
};

/** Frames that cannot be had any more. */
export type Gap = {
  /** Id of the first that is missing. When the log began anew: of the last that was read. */
  from: string;
  /** Id of the last that is missing. */
  to: string;
  /** The server said so; otherwise the client found it out by the ids. */
  isAnnounced: boolean;
};

/** Parses what came as JSON. */
export function readFrame(value: unknown): Frame {
  const { id, event, data, at } = (value ?? {}) as { [K in keyof Frame]?: unknown };
  // The end of a stream is no place in a log.
  const hasId = typeof id === "string" || (event === "end" && id === null);
  if (!hasId || typeof event !== "string") {
    throw new ClientError("What came is no frame: it has no id and event.");
  }
  return { id: id ?? "", event, data: data ?? null, at: typeof at === "string" ? at : null };
}

/** What a `gap` frame says. */
export function readGap({ id, data }: Frame): Gap {
  const { from, to } = (data ?? {}) as Record<string, unknown>;
  const textOr = (value: unknown, other: string) => (typeof value === "string" ? value : other);
  return { from: textOr(from, ""), to: textOr(to, id), isAnnounced: true };
}
