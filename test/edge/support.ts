import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { sha256Hex } from "../../src/crypto.ts";
import type { SourcePreset } from "../../src/source-preset.ts";
import { sealVerification, type Verification } from "../../src/verification/index.ts";
import worker from "../../workers/edge/index.ts";

export const edgeEnv = env as unknown as EdgeEnv;

/** Sends a request to the edge Worker. */
export function send(url: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(new Request(url, init));
}

/** The same with another environment: a failing database, another domain. */
export async function sendWith(
  overrides: Partial<EdgeEnv>,
  url: string,
  init: RequestInit = {},
): Promise<Response> {
  const context = createExecutionContext();
  const request = new Request(url, init) as Parameters<typeof worker.fetch>[0];
  const response = await worker.fetch(request, { ...edgeEnv, ...overrides }, context);
  await waitOnExecutionContext(context);
  return response;
}

/** Makes a source straight in the database. Returns its id. */
export async function makeSource(
  slug: string,
  more: {
    enabled?: boolean;
    response?: unknown;
    hostname?: string;
    organizationId?: string;
    verification?: Partial<Verification>;
    dedup?: { from: string; windowSeconds: number };
    preset?: SourcePreset;
    requireSender?: boolean;
  } = {},
): Promise<string> {
  const id = `src_${slug}`;
  const organizationId = more.organizationId ?? "org_test";
  await edgeEnv.DB.batch([
    edgeEnv.DB.prepare(
      "INSERT OR IGNORE INTO organizations (id, name, is_operator, created_at) VALUES (?, 'Test', 1, 0)",
    ).bind(organizationId),
    edgeEnv.DB.prepare(
      "INSERT INTO sources (id, organization_id, slug, name, shard, enabled, response, verification, dedup, preset, require_sender, created_at, updated_at) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, 0, 0)",
    ).bind(
      id,
      organizationId,
      slug,
      slug,
      more.enabled === false ? 0 : 1,
      more.response ? JSON.stringify(more.response) : null,
      more.verification ? await sealed(id, more.verification) : null,
      more.dedup ? JSON.stringify(more.dedup) : null,
      more.preset ?? "generic",
      more.requireSender ? 1 : 0,
    ),
  ]);
  if (more.hostname) {
    await edgeEnv.DB.prepare("INSERT INTO source_hostnames (hostname, source_id) VALUES (?, ?)")
      .bind(more.hostname, id)
      .run();
  }
  return id;
}

function sealed(id: string, settings: Partial<Verification>): Promise<string> {
  const whole = { toleranceSeconds: 300, onFailure: "reject", ...settings } as Verification;
  return sealVerification(edgeEnv.INGEST_KEY, id, whole);
}

/** Makes a sender straight in the database; `own`: the key is the caller's own. Returns its id. */
export async function makeSender(
  sourceId: string,
  key: string,
  more: {
    name?: string;
    own?: boolean;
    match?: { ips?: string[]; userAgent?: string };
    state?: "active" | "muted" | "blocked";
  } = {},
): Promise<string> {
  const id = `snd_${crypto.randomUUID()}`;
  await edgeEnv.DB.prepare(
    "INSERT INTO senders (id, organization_id, source_id, name, key_hash, key_hint, match, state, created_at, updated_at) VALUES (?, 'org_test', ?, ?, ?, ?, ?, ?, 0, 0)",
  )
    .bind(
      id,
      sourceId,
      more.name ?? "billing-1",
      await sha256Hex(more.own ? `${sourceId}:${key}` : key),
      key.slice(-4),
      more.match ? JSON.stringify(more.match) : null,
      more.state ?? "active",
    )
    .run();
  return id;
}

type EventRow = {
  id: string;
  source_id: string;
  method: string;
  host: string;
  path: string;
  query: string;
  headers: string;
  content_type: string | null;
  size: number;
  sha256: string;
  body: ArrayBuffer | null;
  body_key: string | null;
  ip: string | null;
  network: string;
  hops: number;
  status: string;
  routed_at: number | null;
  sender_id: string | null;
  sender_name: string;
  sender_by: string | null;
};

/** The stored event of an answer. */
export async function storedEvent(response: Response): Promise<EventRow> {
  const id = response.headers.get("x-baton-event-id");
  const row = await edgeEnv.EVENTS_0.prepare("SELECT * FROM events WHERE id = ?")
    .bind(id)
    .first<EventRow>();
  if (!row) throw new Error(`no event ${id} (status ${response.status})`);
  return row;
}

export async function count(
  table: "events" | "strays" | "dedup_keys" | "sender_refusals",
  where = "1",
): Promise<number> {
  const row = await edgeEnv.EVENTS_0.prepare(
    `SELECT count(*) AS n FROM ${table} WHERE ${where}`,
  ).first<{
    n: number;
  }>();
  return row?.n ?? 0;
}

/** Everything that is kept of requests, bodies too, as text. */
export async function everythingKept(): Promise<string> {
  const rows = await Promise.all(
    ["events", "strays"].map((table) =>
      edgeEnv.EVENTS_0.prepare(`SELECT *, CAST(body AS TEXT) AS text FROM ${table}`).all(),
    ),
  );
  return JSON.stringify(rows.map(({ results }) => results.map((row) => ({ ...row, body: null }))));
}

/** Random bytes of any length; `getRandomValues` gives 64 KiB at a time. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536));
  return bytes;
}

/** A body without a length, in chunks. */
export function streamOf(bytes: Uint8Array, chunkBytes = 100_000): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + chunkBytes));
      at += chunkBytes;
    },
  });
}

/** R2 with other methods in place of its own. */
export function failingR2(methods: Record<string, (...args: never[]) => unknown>): R2Bucket {
  const own = new Map(Object.entries(methods));
  return new Proxy(edgeEnv.BODIES, {
    get(bucket, name) {
      const value: unknown = own.get(String(name)) ?? Reflect.get(bucket, name);
      return typeof value === "function" ? value.bind(bucket) : value;
    },
  });
}
