import type { EventTask } from "../context.ts";
import { crashPoint } from "../crash-point.ts";
import type { EventsDb } from "../db/client.ts";
import { events, type SenderBy } from "../db/schema/events.ts";
import { BatonError } from "../errors.ts";
import { newId } from "../ids.ts";
import { log } from "../log.ts";
import type { IngestSource } from "./find-source.ts";
import type { ReceivedBody } from "./receive-body.ts";

/** What was captured of a request. */
export type Captured = {
  method: string;
  host: string;
  path: string;
  query: string;
  headers: [string, string][];
  contentType: string | null;
  ip: string | null;
  senderId: string | null;
  senderName: string;
  senderBy: SenderBy | null;
  network: Record<string, string | number>;
  hops: number;
  body: ReceivedBody;
};

export type Stores = {
  db: EventsDb;
  queue: Queue<EventTask>;
  waitUntil: (promise: Promise<unknown>) => void;
};

/**
 * Stores the event and sends its task at the same time; returns the event's id once the row is durable.
 * Throws 503 when it could not be stored. A task that could not be sent is the sweep's to send again.
 */
export async function storeEvent(
  { db, queue, waitUntil }: Stores,
  source: IngestSource,
  captured: Captured,
): Promise<string> {
  const row = eventRow(source, captured);
  const { id } = row;
  const insert = db.insert(events).values(row);
  waitUntil(sendTask(queue, { eventId: id, sourceId: source.id }));
  const starting = crashPoint("before-insert");
  if (starting) await starting;
  try {
    await insert.run();
  } catch (error) {
    throw notStored(source, error);
  }
  const stored = crashPoint("after-insert");
  if (stored) await stored;
  return id;
}

/**
 * A row that waits to be routed. Its id is made here, right before the insert, so that rows appear in the order of
 * their ids, give or take one statement: the sweep reads by id.
 */
export function eventRow(source: IngestSource, { body, ...facts }: Captured) {
  const now = Date.now();
  return {
    ...facts,
    id: newId("event", now, source.shard),
    organizationId: source.organizationId,
    sourceId: source.id,
    size: body.size,
    sha256: body.sha256,
    body: body.inline,
    bodyKey: body.key,
    receivedAt: now,
    status: "stored" as const,
  };
}

/** Logs why, and makes the 503 for the sender. */
export function notStored(source: IngestSource, error: unknown): BatonError {
  log.error("event_not_stored", { sourceId: source.id, error });
  return new BatonError("unavailable", "The request could not be stored. Send it again.", {
    retryAfterSeconds: 5,
  });
}

export async function sendTask(queue: Queue<EventTask>, task: EventTask): Promise<void> {
  const held = crashPoint("before-send");
  if (held) await held;
  try {
    await queue.send(task);
  } catch (error) {
    log.warn("task_not_sent", { eventId: task.eventId, error });
  }
}
