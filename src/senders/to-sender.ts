import type { senders } from "../db/schema/control.ts";
import { toRfc3339 } from "../time.ts";
import type { Sender } from "./schemas.ts";

export type SenderRow = Omit<typeof senders.$inferSelect, "keyHash" | "organizationId">;

/** A sender as the API shows it: without its key. */
export function toSender(row: SenderRow): Sender {
  const { id, sourceId, name, keyHint, match, phone, state } = row;
  return {
    id,
    sourceId,
    name,
    keyHint,
    match: match ?? null,
    phone,
    state,
    createdAt: toRfc3339(row.createdAt),
    updatedAt: toRfc3339(row.updatedAt),
  };
}
