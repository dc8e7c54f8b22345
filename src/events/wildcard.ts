import { MAX_GLOB_PATTERN_BYTES } from "./constants.ts";

/** A filter text with `*` for any run of characters, as the database can check it. */
export type Wildcard =
  | { kind: "exact"; text: string }
  | { kind: "prefix"; text: string }
  | { kind: "glob"; pattern: string };

/**
 * Reads a filter. Without `*` and with one at the end only it may have any length; with `*` elsewhere it becomes a GLOB
 * pattern, which must pass `globFault`.
 */
export function readWildcard(text: string): Wildcard {
  const star = text.indexOf("*");
  if (star < 0) return { kind: "exact", text };
  if (star === text.length - 1) return { kind: "prefix", text: text.slice(0, -1) };
  return { kind: "glob", pattern: text.replace(/[[?]/g, "[$&]") };
}

/** Says why the database cannot check this filter, or null when it can. */
export function globFault(text: string): string | null {
  const wildcard = readWildcard(text);
  if (wildcard.kind !== "glob") return null;
  const bytes = new TextEncoder().encode(wildcard.pattern).length;
  if (bytes <= MAX_GLOB_PATTERN_BYTES) return null;
  return `with \`*\` elsewhere than at its end it may have ${MAX_GLOB_PATTERN_BYTES} bytes at most`;
}

/** A path as events keep it: what URLs cannot hold is percent-encoded. */
export function encodePath(path: string): string {
  return path.toWellFormed().replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}
