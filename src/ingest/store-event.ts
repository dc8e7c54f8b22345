import { and, eq, gte } from "drizzle-orm";
import type { EventTask } from "../context.ts";
import type { EventsDb } from "../db/client.ts";
import { events } from "../db/schema/events.ts";
import { BatonError } from "../errors.ts";
import { firstIdAt, newId } from "../ids.ts";
import { log } from "../log.ts";
import type { IngestSource } from "./find-source.ts";
import type { ReceivedBody } from "./receive-body.ts";

/** How far back the row of a failed insert can be: D1 ends a statement after 30 s. */
const FORGET_WINDOW_MS = 60_000;

/** What was captured of a request. */
export type Captured = {
  method: string;
  host: string;
  path: string;
  query: string;
  headers: [string, string][];
  contentType: string | null;
  ip: string | null;
  senderName: string;
  network: Record<string, string | number>;
  hops: number;
  body: ReceivedBody;
};

type Stores = {
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
  const { body, ...facts } = captured;
  const now = Date.now();
  // The id is made right before the insert, so that rows appear in the order of their ids, give or take one statement:
  // the sweep reads by id.
  const id = newId("event", now, source.shard);
  const insert = db.insert(events).values({
    ...facts,
    id,
    organizationId: source.organizationId,
    sourceId: source.id,
    size: body.size,
    sha256: body.sha256,
    body: body.inline,
    bodyKey: body.key,
    receivedAt: now,
    status: "stored",
  });
  waitUntil(
    queue.send({ eventId: id, sourceId: source.id }).catch((error: unknown) => {
      log.warn("task_not_sent", { eventId: id, error });
    }),
  );
  try {
    await insert.run();
  } catch (error) {
    log.error("event_not_stored", { sourceId: source.id, error });
    throw new BatonError("unavailable", "The request could not be stored. Send it again.", {
      retryAfterSeconds: 5,
    });
  }
  return id;
}

/**
 * Deletes a body whose event was not stored. A failed insert may have been carried out all the same,
 * and an event must not lose its body: so only when the database says that no row points to it.
 */
export async function forgetBody(db: EventsDb, bodies: R2Bucket, key: string): Promise<void> {
  const since = firstIdAt("event", Date.now() - FORGET_WINDOW_MS);
  try {
    const owner = await db
      .select({ id: events.id })
      .from(events)
      .where(and(gte(events.id, since), eq(events.bodyKey, key)))
      .get();
    if (!owner) await bodies.delete(key);
  } catch (error) {
    log.warn("body_left", { key, error });
  }
}
