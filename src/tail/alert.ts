import { createHash } from "node:crypto";

/** A line that matches, or an entry of several lines. */
export type Match = {
  /** Identity of the file's content; another one after every truncation and rotation. */
  contentId: string;
  /** The path under which it was written, and which alerts name. */
  file: string;
  offset: number;
  text: string;
  /** When it was read, in ms since 1970. */
  readAt: number;
  cutFrom?: number;
  partial?: boolean;
};

/** `line`: one; `more`: those of a cool-down; `backlog`: those too old to be told one by one. */
export type AlertKind = "line" | "more" | "backlog";

/** One message to the source. */
export type Alert = {
  /** Equal whenever the same lines are sent again. */
  idempotencyKey: string;
  kind: AlertKind;
  message: string;
  file: string;
  /** Of the first line. */
  offset: number;
  count: number;
  firstAt: number;
  lastAt: number;
  cutFrom?: number;
  partial?: boolean;
};

/**
 * Names a match for ever: the content, the place in it, the text. The content's id stands for device, inode and
 * fingerprint, but also differs between two rounds of a file that begin alike and reuse an inode; with the same key
 * the second would be dropped as a duplicate.
 */
export function matchKey({ contentId, offset, text }: Match): string {
  return hash(`${contentId}\n${offset}\n${text}`);
}

/** The key of lines told together: another one as soon as a line more or less is part of it. */
export function joinKeys(keys: string, next: string): string {
  return keys ? hash(`${keys}\n${next}`) : next;
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
