import { and, eq, gt, sql } from "drizzle-orm";
import type { ControlDb } from "../db/client.ts";
import { reservedNames, senders, sourceHostnames, sources } from "../db/schema/control.ts";
import type { SourcePreset } from "../source-preset.ts";
import { MAX_CACHED_SOURCES, SOURCE_CACHE_MS } from "./constants.ts";
import type { IngestSender } from "./identify-sender.ts";

/** What the edge needs of a source. */
export type IngestSource = {
  id: string;
  organizationId: string;
  slug: string;
  shard: number;
  enabled: boolean;
  response: { status: number; headers: Record<string, string>; body: string } | null;
  /** Sealed with the ingest key; null: everybody may send. */
  verification: string | null;
  dedup: { from: string; windowSeconds: number } | null;
  preset: SourcePreset;
  /** Only registered senders may send. */
  requireSender: boolean;
  senders: IngestSender[];
  /** Until when somebody may be watching its live events (ms UTC). */
  watchedUntil?: number | null;
};

export type SourceName = { kind: "slug" | "hostname"; name: string };
/** A source by its name, or by the hash of a key that Baton made for one of its senders. */
export type SourceLookup = SourceName | { kind: "sender"; name: string };

const COLUMNS = {
  id: sources.id,
  organizationId: sources.organizationId,
  slug: sources.slug,
  shard: sources.shard,
  enabled: sources.enabled,
  response: sources.response,
  verification: sources.verification,
  dedup: sources.dedup,
  preset: sources.preset,
  requireSender: sources.requireSender,
  watchedUntil: sources.watchedUntil,
  // A subquery, so that a source and its senders are one statement.
  senders: sql`(
    SELECT json_group_array(json_object('id', senders.id, 'name', senders.name, 'keyHash', senders.key_hash,
      'match', json(senders.match), 'state', senders.state))
    FROM ${senders} WHERE senders.source_id = sources.id)`.mapWith(readSenders),
};

function readSenders(json: string): IngestSender[] {
  return JSON.parse(json) as IngestSender[];
}

// Only sources that exist are remembered: a new one must work for the very next request.
const cache = new Map<string, { source: IngestSource; until: number }>();

/** Finds a source by slug, own hostname or sender's key; null when there is none. `cacheMs` 0 always asks the database. */
export async function findSource(
  db: ControlDb,
  { kind, name }: SourceLookup,
  cacheMs: number = SOURCE_CACHE_MS,
): Promise<IngestSource | null> {
  const cacheKey = `${kind}:${name}`;
  const cached = cache.get(cacheKey);
  if (cacheMs > 0 && cached && cached.until > Date.now()) return cached.source;
  const source = await FINDERS[kind](db, name);
  if (!source) {
    cache.delete(cacheKey);
    return null;
  }
  if (cache.size >= MAX_CACHED_SOURCES) cache.clear();
  if (cacheMs > 0) cache.set(cacheKey, { source, until: Date.now() + cacheMs });
  return source;
}

/** The organization that a deleted source's name still belongs to, or null. */
export async function findFormerOwner(
  db: ControlDb,
  { kind, name }: SourceName,
): Promise<string | null> {
  const row = await db
    .select({ organizationId: reservedNames.organizationId })
    .from(reservedNames)
    .where(
      and(
        eq(reservedNames.kind, kind),
        eq(reservedNames.name, name),
        gt(reservedNames.until, Date.now()),
      ),
    )
    .get();
  return row?.organizationId ?? null;
}

const FINDERS = { slug: bySlug, hostname: byHostname, sender: bySenderKey } satisfies Record<
  SourceLookup["kind"],
  (db: ControlDb, name: string) => Promise<IngestSource | null>
>;

async function bySlug(db: ControlDb, slug: string): Promise<IngestSource | null> {
  const row = await db.select(COLUMNS).from(sources).where(eq(sources.slug, slug)).get();
  return row ? { ...row, response: row.response ?? null, dedup: row.dedup ?? null } : null;
}

async function byHostname(db: ControlDb, hostname: string): Promise<IngestSource | null> {
  const row = await db
    .select(COLUMNS)
    .from(sourceHostnames)
    .innerJoin(sources, eq(sources.id, sourceHostnames.sourceId))
    .where(eq(sourceHostnames.hostname, hostname))
    .get();
  return row ? { ...row, response: row.response ?? null, dedup: row.dedup ?? null } : null;
}

async function bySenderKey(db: ControlDb, keyHash: string): Promise<IngestSource | null> {
  const ofKey = db
    .select({ id: senders.sourceId })
    .from(senders)
    .where(eq(senders.keyHash, keyHash));
  const row = await db.select(COLUMNS).from(sources).where(eq(sources.id, ofKey)).get();
  return row ? { ...row, response: row.response ?? null, dedup: row.dedup ?? null } : null;
}
