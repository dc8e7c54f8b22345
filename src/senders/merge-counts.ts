import { toRfc3339 } from "../time.ts";
import type { Sender, SenderCount } from "./schemas.ts";
import { suggestSender } from "./suggest-sender.ts";

/** A registered sender. */
export type Known = Pick<Sender, "id" | "name" | "state">;

/** Events of one sender; without `senderId` of one name. Times are milliseconds UTC. */
export type Counted = {
  senderId: string | null;
  name: string;
  identifiedBy: SenderCount["sender"]["identifiedBy"];
  ip: string | null;
  events: number;
  muted: number;
  rejected: number;
  lastAt: number;
};

/** Refused requests of one blocked sender. */
export type Refused = { senderId: string; count: number; lastAt: number };

/**
 * One line for every sender: those that are registered, also when they did not call; those that called; and those that
 * were deleted since, under the name they had. Most events first.
 */
export function mergeCounts(known: Known[], counted: Counted[], refused: Refused[]): SenderCount[] {
  const senders = new Map(known.map((sender) => [sender.id, sender]));
  const called = new Map(counted.flatMap((row) => (row.senderId ? [[row.senderId, row]] : [])));
  const blocked = new Map(refused.map((row) => [row.senderId, row]));
  const ids = new Set([...senders.keys(), ...called.keys(), ...blocked.keys()]);
  const registered = [...ids].map((id) => {
    const sender = senders.get(id);
    const row = called.get(id);
    const refusals = blocked.get(id);
    return {
      ...totals(row),
      sender: {
        id,
        name: sender?.name ?? row?.name ?? id,
        identifiedBy: row?.identifiedBy ?? null,
      },
      state: sender?.state ?? null,
      blocked: refusals?.count ?? 0,
      lastAt: Math.max(row?.lastAt ?? 0, refusals?.lastAt ?? 0),
      suggestion: null,
    };
  });
  const others = counted
    .filter(({ senderId }) => senderId === null)
    .map((row) => ({
      ...totals(row),
      sender: { id: null, name: row.name, identifiedBy: row.identifiedBy },
      state: null,
      blocked: 0,
      lastAt: row.lastAt,
      suggestion: row.identifiedBy === null ? suggestSender(row) : null,
    }));
  return [...registered, ...others]
    .toSorted((a, b) => b.events - a.events || b.blocked - a.blocked || b.lastAt - a.lastAt)
    .map((one) => ({ ...one, lastAt: one.lastAt > 0 ? toRfc3339(one.lastAt) : null }));
}

function totals(row: Counted | undefined) {
  return { events: row?.events ?? 0, muted: row?.muted ?? 0, rejected: row?.rejected ?? 0 };
}
