import type { Context } from "../context.ts";
import { BatonError } from "../errors.ts";
import type { PageQuery } from "../pagination.ts";
import { callPair, type PortalRow } from "../portals/index.ts";
import { toRfc3339 } from "../time.ts";
import type { Audit } from "./schemas.ts";

/** What a pair has done, newest first. */
export async function listAudit(
  ctx: Context,
  portal: PortalRow,
  { limit, cursor }: PageQuery,
): Promise<Audit> {
  const before = readBefore(cursor);
  const entries = await callPair(ctx, portal.id, (pair) => pair.audit(before, limit + 1));
  const shown = entries.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(({ id, at, what, slot, fields }) => ({
      id,
      at: toRfc3339(at),
      what,
      slot,
      fields: { ...fields },
    })),
    nextCursor: entries.length > limit && last ? btoa(String(last.id)) : null,
  };
}

/** The entry that a cursor points behind. 400 for a cursor that we never gave. */
function readBefore(cursor: string | undefined): number | null {
  if (cursor === undefined) return null;
  const text = decode(cursor);
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new BatonError(
    "malformed",
    "cursor: not one of this list's. Use `nextCursor` of the page before.",
    { errors: [{ path: "cursor", message: "not one of this list's" }] },
  );
}

function decode(cursor: string): string {
  try {
    return atob(cursor);
  } catch {
    return "";
  }
}
