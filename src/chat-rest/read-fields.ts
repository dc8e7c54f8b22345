import { ChatError, MAX_TITLE_CHARS } from "../chat/index.ts";
import { UserId } from "../chat-auth/index.ts";
import type { Body } from "./read-body.ts";

/** Refuses a body that has a field which the call does not know: it would be taken for something that was done. */
export function assertFields(body: Body, known: readonly string[]): void {
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const all = known.length > 0 ? `known are ${known.join(", ")}` : "this call takes none";
  throw new ChatError("unknown_field", `Unknown '${unknown}' in event body: ${all}`);
}

/** A field that must be there and not null. */
export function fieldOf(body: Body, name: string): unknown {
  const value = optionalFieldOf(body, name);
  if (value === undefined) {
    throw new ChatError("missing_field", `Missing '${name}' in event body`);
  }
  return value;
}

/** Undefined also for null. */
export function optionalFieldOf(body: Body, name: string): unknown {
  return Object.hasOwn(body, name) ? (body[name] ?? undefined) : undefined;
}

export function textOf(body: Body, name: string): string {
  const value = fieldOf(body, name);
  if (typeof value !== "string") throw invalid(name, "give a text");
  return value;
}

export function optionalTextOf(body: Body, name: string): string | undefined {
  return optionalFieldOf(body, name) === undefined ? undefined : textOf(body, name);
}

export function titleOf(body: Body, name = "title"): string {
  const title = fieldOf(body, name);
  if (typeof title !== "string" || title.length > MAX_TITLE_CHARS) throw invalid(name);
  return title;
}

export function userIdsOf(body: Body, name: string): string[] {
  const ids = fieldOf(body, name);
  if (!Array.isArray(ids) || !ids.every(isUserId)) throw invalid(name);
  return [...new Set(ids)];
}

export function isUserId(value: unknown): value is string {
  return UserId.safeParse(value).success;
}

/** As the contract words it; `remedy` where it has no words of its own. */
export function invalid(name: string, remedy?: string): ChatError {
  const text = `Invalid parameter '${name}'`;
  return new ChatError("invalid_field", remedy === undefined ? text : `${text}: ${remedy}`);
}
