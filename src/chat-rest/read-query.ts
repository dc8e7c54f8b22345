import { ChatError, type ChatVersion, MAX_LIMIT } from "../chat/index.ts";
import type { Call } from "./call.ts";
import { invalid } from "./read-fields.ts";

export type Query = Readonly<Partial<Record<string, string>>>;

type Params = Pick<Call, "query" | "newQuery" | "isNew">;

/** The parameters of a call, and `v`. Refuses others, and one that is given twice. */
export function readQuery(url: string, { query: first = [], newQuery = [] }: Params): Query {
  const known = [...first, ...newQuery, "v"];
  const query: Record<string, string> = {};
  for (const [name, value] of new URL(url).searchParams) {
    if (!known.includes(name)) throw invalid(name, "it is no parameter here");
    if (Object.hasOwn(query, name)) throw invalid(name, "give it once");
    query[name] = value;
  }
  return query;
}

/** Clients of version 2 say `v=2`, or ask for something that version 1 does not have. */
export function versionOf(query: Query, { newQuery = [], isNew }: Params): ChatVersion {
  const { v = "1" } = query;
  if (v !== "1" && v !== "2") throw invalid("v", "give 1 or 2");
  return v === "2" || isNew || newQuery.some((name) => query[name] !== undefined) ? 2 : 1;
}

/** A parameter that the contract wants. */
export function paramOf(query: Query, name: string): string {
  const value = query[name];
  if (value === undefined) {
    throw new ChatError("missing_field", `Missing '${name}' in event parameter`);
  }
  return value;
}

/** How many rows a page may have; whoever asks for more would take a shorter page for the last one. */
export function limitOf(text: string): number {
  return numberOf(text, "limit", { min: 1, max: MAX_LIMIT });
}

export function numberOf(text: string, name: string, { min, max }: { min: number; max: number }) {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= min && value <= max) return value;
  throw invalid(name, `give a whole number from ${min} to ${max}`);
}
