/** A frame as the log keeps it. */
export type LoggedFrame = {
  id: string;
  event: string;
  /** JSON in one line. */
  data: string;
  /** ms UTC. */
  at: number;
};

/** How frames are written on a socket: JSON as text, or JSON lines or Server-Sent Events as bytes. */
export type FrameFormat = "json" | "lines" | "sse";

/** `{"id","event","data","at"}` in one line. */
export function toJson({ id, event, data, at }: LoggedFrame): string {
  const time = new Date(at).toISOString();
  return `{"id":${JSON.stringify(id)},"event":${JSON.stringify(event)},"data":${data},"at":"${time}"}`;
}

/** A block of an event stream. A frame without data moves the reader's position and is no event to it. */
export function toSse({ id, event, data }: LoggedFrame, retryMs?: number): string {
  const retry = retryMs === undefined ? "" : `retry: ${retryMs}\n`;
  if (event === "ready") return `id: ${id}\n${retry}\n`;
  // "message" is what a reader takes a nameless block for.
  const name = event === "message" ? "" : `event: ${event}\n`;
  return `id: ${id}\n${name}data: ${data}\n\n`;
}
