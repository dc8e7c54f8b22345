import { type Position, parsePosition } from "../channels/index.ts";

/** A frame of a topic's log. */
export type FedFrame = { place: Position; event: string; data: Record<string, unknown> };

export type Line =
  | { kind: "ready" | "gap"; place: Position }
  | { kind: "frame"; frame: FedFrame }
  | { kind: "hint"; hint: Record<string, unknown> };

type Sent = { id: string; event?: string; data: Record<string, unknown> };

/** A line of what a channel sends. It is our own, so it is taken at its word; a hint is what has no place in the log. */
export function readLine(line: string): Line {
  const json = JSON.parse(line) as Sent;
  const { id, event, data } = json;
  const at = event === "gap" ? String(data.to) : id;
  const place = event === undefined ? null : parsePosition(at);
  if (event === undefined || place === null) return { kind: "hint", hint: json };
  if (event === "ready" || event === "gap") return { kind: event, place };
  return { kind: "frame", frame: { place, event, data } };
}
