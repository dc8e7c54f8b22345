import { toBase64 } from "../crypto.ts";
import type { deliveries } from "../db/schema/events.ts";
import { maskedHeaders, outgoingHeaders } from "../destinations/index.ts";
import type { ListenerRequest } from "./listen-schemas.ts";
import { inlineBody, type LoadedEvent } from "./load-events.ts";
import { editHeaders } from "./outgoing-event.ts";

type Row = Pick<
  typeof deliveries.$inferSelect,
  "id" | "attempt" | "startedAt" | "editHeaders" | "editBody"
>;

const PLAIN = { headers: {}, forwardCredentials: false };

/**
 * Headers of a listener's try: those that an `http` destination without settings would send. The same each time they
 * are made, so that what was handed over need not be kept until its outcome comes.
 */
function headersOf(row: Row, event: LoadedEvent): [string, string][] {
  return outgoingHeaders(
    PLAIN,
    {
      deliveryId: row.id,
      number: row.attempt,
      event: { ...event, headers: editHeaders(event.headers, row.editHeaders) },
    },
    { timestampSeconds: Math.floor((row.startedAt ?? 0) / 1000) },
  );
}

/** What a listener is to send. */
export function listenerRequest(row: Row, event: LoadedEvent): ListenerRequest {
  const { method, path, query } = event;
  return { method, path, query, headers: headersOf(row, event), ...bodyOf(row, event) };
}

/** The same as it stands on record: secrets masked, with the URL that was called. */
export function recordedRequest(row: Row, event: LoadedEvent, url: string | undefined) {
  const { method, path, query } = event;
  return {
    method,
    url: url ?? `http://localhost${path}${query === "" ? "" : `?${query}`}`,
    headers: maskedHeaders(headersOf(row, event), PLAIN),
  };
}

function bodyOf({ editBody }: Row, event: LoadedEvent): Partial<ListenerRequest> {
  const bytes = editBody ?? inlineBody(event);
  if (!bytes) return event.bodyKey ? { bodyUrl: `/api/v1/events/${event.id}/body` } : {};
  if (bytes.length === 0) return {};
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { body: decoder.decode(bytes) };
  } catch {
    return { bodyBase64: toBase64(bytes) };
  }
}
