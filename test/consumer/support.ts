import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { inject } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { newId } from "../../src/ids.ts";
import { seal } from "../../src/sealing.ts";
import worker from "../../workers/consumer/index.ts";
import type { Received } from "../support/received.ts";

export const consumerEnv = env as unknown as ConsumerEnv;

/** What the code under test sent to the queues, instead of the queues that would run it at once. */
export function fakeQueues() {
  const sent: { queue: "events" | "deliveries"; body: unknown; delaySeconds?: number }[] = [];
  const queue = (name: "events" | "deliveries") => ({
    send: async (body: unknown, options?: { delaySeconds?: number }) => {
      sent.push({ queue: name, body, ...options });
    },
    sendBatch: async (messages: { body: unknown; delaySeconds?: number }[]) => {
      for (const message of messages) sent.push({ queue: name, ...message });
    },
  });
  const overrides = {
    EVENTS_QUEUE: queue("events") as unknown as Queue,
    DELIVERIES_QUEUE: queue("deliveries") as unknown as Queue,
  };
  return { sent, env: { ...consumerEnv, ...overrides } };
}

let messages = 0;

/** Runs the queue handler on a batch; returns which messages were acked and which come again. */
export async function consume(
  testEnv: ConsumerEnv,
  queue: "events" | "deliveries" | "events-dead" | "deliveries-dead",
  bodies: unknown[],
  attempts = 1,
) {
  const batch = createMessageBatch(
    `baton-${queue}`,
    bodies.map((body) => ({ id: `m${messages++}`, timestamp: new Date(), attempts, body })),
  );
  const context = createExecutionContext();
  await worker.queue(batch, testEnv);
  const result = await getQueueResult(batch, context);
  return { acked: result.explicitAcks.length, retried: result.retryMessages.length, result };
}

const ORGANIZATION = "org_test";

async function makeOrganization() {
  await consumerEnv.DB.prepare(
    "INSERT OR IGNORE INTO organizations (id, name, is_operator, created_at) VALUES (?, 'Test', 1, 0)",
  )
    .bind(ORGANIZATION)
    .run();
}

export async function makeSource({ preset = "generic" } = {}): Promise<string> {
  await makeOrganization();
  const id = newId("source");
  await consumerEnv.DB.prepare(
    "INSERT INTO sources (id, organization_id, slug, name, shard, enabled, preset, created_at, updated_at) VALUES (?, ?, ?, 'Shop', 0, 1, ?, 0, 0)",
  )
    .bind(id, ORGANIZATION, id.slice(4), preset)
    .run();
  return id;
}

/** A destination at the test receiver. Its calls are found by `received(key)`. */
export async function makeDestination(
  behaviour = "ok",
  more: { schedule?: number[]; enabled?: boolean; config?: Record<string, unknown> } = {},
): Promise<{ id: string; key: string; url: string }> {
  await makeOrganization();
  const id = newId("destination");
  const key = id.slice(4);
  const url = `${inject("receiverUrl")}/${behaviour}/${key}`;
  const config = { url, timeoutMs: 1000, ...more.config };
  await consumerEnv.DB.prepare(
    "INSERT INTO destinations (id, organization_id, name, kind, config, retry_schedule, enabled, created_at, updated_at) VALUES (?, ?, 'Receiver', 'http', ?, ?, ?, 0, 0)",
  )
    .bind(
      id,
      ORGANIZATION,
      await seal(consumerEnv.MASTER_KEY, `destination:${id}`, JSON.stringify(config)),
      more.schedule ? JSON.stringify(more.schedule) : null,
      more.enabled === false ? 0 : 1,
    )
    .run();
  return { id, key, url };
}

/** A destination of another kind than `http`. */
export async function makeKind(
  kind: string,
  config: Record<string, unknown>,
  schedule: number[] | null = null,
): Promise<string> {
  await makeOrganization();
  const id = newId("destination");
  await consumerEnv.DB.prepare(
    "INSERT INTO destinations (id, organization_id, name, kind, config, retry_schedule, enabled, created_at, updated_at) VALUES (?, ?, 'Kind', ?, ?, ?, 1, 0, 0)",
  )
    .bind(
      id,
      ORGANIZATION,
      kind,
      await seal(consumerEnv.MASTER_KEY, `destination:${id}`, JSON.stringify(config)),
      schedule && JSON.stringify(schedule),
    )
    .run();
  return id;
}

export async function makeRule(
  sourceId: string,
  destinationId: string,
  more: { match?: unknown; order?: number; stop?: boolean; transform?: unknown } = {},
): Promise<string> {
  const id = newId("rule");
  await consumerEnv.DB.prepare(
    "INSERT INTO rules (id, organization_id, source_id, destination_id, name, \"order\", enabled, stop, match, transform, created_at, updated_at) VALUES (?, ?, ?, ?, 'rule', ?, 1, ?, ?, ?, 0, 0)",
  )
    .bind(
      id,
      ORGANIZATION,
      sourceId,
      destinationId,
      more.order ?? 0,
      more.stop ? 1 : 0,
      JSON.stringify(more.match ?? {}),
      more.transform === undefined ? null : JSON.stringify(more.transform),
    )
    .run();
  return id;
}

/** Stores an event as the edge does. Returns its task. */
export async function makeEvent(
  sourceId: string,
  more: {
    body?: string | Uint8Array<ArrayBuffer>;
    method?: string;
    path?: string;
    query?: string;
    at?: number;
    r2?: boolean;
  } = {},
): Promise<{ eventId: string; sourceId: string }> {
  const at = more.at ?? Date.now();
  const eventId = newId("event", at, 0);
  const body =
    more.body instanceof Uint8Array ? more.body : new TextEncoder().encode(more.body ?? "hello");
  if (more.r2) await consumerEnv.BODIES.put(eventId, body);
  await consumerEnv.EVENTS_0.prepare(
    `INSERT INTO events (id, organization_id, source_id, sender_name, method, host, path, query, headers, content_type,
      size, sha256, body, body_key, ip, network, received_at, hops, status)
     VALUES (?, ?, ?, 'curl @ 127.0.0.1', ?, 'shop.localhost', ?, ?, '[["content-type","text/plain"]]', 'text/plain',
      ?, ?, ?, ?, '127.0.0.1', '{}', ?, 0, 'stored')`,
  )
    .bind(
      eventId,
      ORGANIZATION,
      sourceId,
      more.method ?? "POST",
      more.path ?? "/orders",
      more.query ?? "",
      body.byteLength,
      await sha256Hex(new Uint8Array(body)),
      more.r2 ? null : body,
      more.r2 ? eventId : null,
      at,
    )
    .run();
  return { eventId, sourceId };
}

export type DeliveryRow = Record<string, unknown> & {
  id: string;
  status: string;
  end_reason: string | null;
  attempt: number;
  outcome: string | null;
  reason: string | null;
  next_attempt_at: number | null;
  lease_until: number | null;
};

export async function deliveriesOf(eventId: string): Promise<DeliveryRow[]> {
  const { results } = await consumerEnv.EVENTS_0.prepare(
    "SELECT * FROM deliveries WHERE event_id = ? ORDER BY id",
  )
    .bind(eventId)
    .all<DeliveryRow>();
  return results;
}

/** The only delivery of an event. */
export async function deliveryOf(eventId: string): Promise<DeliveryRow> {
  const rows = await deliveriesOf(eventId);
  const row = rows[0];
  if (!row || rows.length > 1) throw new Error(`${rows.length} deliveries of ${eventId}`);
  return row;
}

export async function attemptsOf(deliveryId: string) {
  const { results } = await consumerEnv.EVENTS_0.prepare(
    "SELECT number, outcome, reason FROM attempts WHERE delivery_id = ? ORDER BY number",
  )
    .bind(deliveryId)
    .all<{ number: number; outcome: string; reason: string | null }>();
  return results;
}

export async function eventStatus(eventId: string): Promise<string | undefined> {
  const row = await consumerEnv.EVENTS_0.prepare("SELECT status FROM events WHERE id = ?")
    .bind(eventId)
    .first<{ status: string }>();
  return row?.status;
}

/** What the receiver got at a destination. */
export async function received(key: string): Promise<Received[]> {
  const response = await fetch(`${inject("receiverUrl")}/__received?key=${key}`);
  return response.json();
}

/** Moves a delivery's due time or lease into the past, as time would. */
export async function expire(id: string, column: "next_attempt_at" | "lease_until"): Promise<void> {
  await consumerEnv.EVENTS_0.prepare(`UPDATE deliveries SET ${column} = ? WHERE id = ?`)
    .bind(Date.now() - 1, id)
    .run();
}
