import { toRfc3339 } from "../time.ts";
import type { EventRow } from "./load-event.ts";
import { maskHeaders } from "./mask-headers.ts";
import type { Event } from "./schemas.ts";

/** An event as the API shows it. */
export function toEvent(row: EventRow): Event {
  const { id, sourceId, method, host, path, query, contentType, size, sha256, ip, status } = row;
  return {
    id,
    sourceId,
    sender: { id: row.senderId, name: row.senderName, identifiedBy: row.senderBy },
    method,
    host,
    path,
    query,
    headers: maskHeaders(row.headers),
    contentType,
    size,
    sha256,
    ip,
    network: row.network,
    receivedAt: toRfc3339(row.receivedAt),
    routedAt: row.routedAt === null ? null : toRfc3339(row.routedAt),
    status,
  };
}
