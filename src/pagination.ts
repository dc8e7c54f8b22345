import { z } from "zod";
import { BatonError } from "./errors.ts";
import { type IdKind, isId } from "./ids.ts";

export const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 50;

/** `?limit=&cursor=` of every list; the cursor is opaque to callers. */
export const PageQuery = z.strictObject({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$/, `a number from 1 to ${MAX_PAGE_SIZE}`)
    .transform(Number)
    .pipe(z.number().max(MAX_PAGE_SIZE, `a number from 1 to ${MAX_PAGE_SIZE}`))
    .default(DEFAULT_PAGE_SIZE),
  cursor: z.string().max(200).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

export type Page<T> = { data: T[]; nextCursor: string | null };

/** The response schema of a list. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}

/**
 * Cuts `limit + 1` rows, newest first by id, to a page. Keys are ids and ids are time-ordered,
 * so rows that arrive meanwhile never shift a page.
 */
export function toPage<T extends { id: string }>(rows: T[], limit: number): Page<T> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: rows.length > limit && last ? btoa(last.id) : null };
}

/** The id a cursor points behind, or undefined without a cursor. Throws 400 on a cursor we never gave. */
export function readCursor(kind: IdKind, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const id = decode(cursor);
  if (isId(kind, id)) return id;
  throw new BatonError(
    "malformed",
    "cursor: not one of this list's. Use `nextCursor` of the page before.",
    {
      errors: [{ path: "cursor", message: "not one of this list's" }],
    },
  );
}

function decode(cursor: string): string {
  try {
    return atob(cursor);
  } catch {
    return "";
  }
}
