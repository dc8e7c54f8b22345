import { type Deps, shard } from "../context.ts";
import { sha256Hex } from "../crypto.ts";
import { keepBody } from "./buffer-body.ts";
import { captureHeaders, captureNetwork, rawQuery, readHops } from "./capture.ts";
import { MAX_SENDER_NAME_CHARS } from "./constants.ts";
import type { IngestSource } from "./find-source.ts";
import { forgetBody } from "./forget-body.ts";
import { storeOnce } from "./store-once.ts";

/** A request that another Worker has answered for a source, and read. */
export type TakenRequest = {
  request: Request;
  /** As rules see it. */
  path: string;
  body: Uint8Array<ArrayBuffer>;
  senderName: string;
  /** What repeated requests have in common, and for how long they are one event. */
  once: { value: string; windowMs: number };
};

/**
 * Stores a request as an event of a source, byte for byte; its id, or the first one's when it was repeated. Throws 503
 * when it could not be stored.
 */
export async function storeForSource(
  deps: Pick<Deps, "shards" | "bodies" | "eventsQueue"> & {
    waitUntil: (promise: Promise<unknown>) => void;
  },
  source: IngestSource,
  { request, path, body: bytes, senderName, once }: TakenRequest,
): Promise<string> {
  const db = shard(deps, source.shard);
  const stores = { db, queue: deps.eventsQueue, waitUntil: deps.waitUntil };
  const key = `${new Date().toISOString().slice(0, 10)}/${source.id}/${crypto.randomUUID()}`;
  const body = await keepBody(bytes, deps.bodies, key);
  const captured = {
    method: request.method,
    host: new URL(request.url).hostname,
    path,
    query: rawQuery(request.url),
    headers: captureHeaders(request.headers),
    contentType: request.headers.get("content-type"),
    ip: request.headers.get("cf-connecting-ip"),
    senderId: null,
    senderName: senderName.slice(0, MAX_SENDER_NAME_CHARS),
    senderBy: null,
    network: captureNetwork(request),
    hops: readHops(request.headers.get("x-baton-hops")),
    body,
  };
  try {
    const dedup = { key: await sha256Hex(once.value), windowMs: once.windowMs };
    const stored = await storeOnce(stores, source, captured, dedup);
    if (stored.duplicate && body.key) deps.waitUntil(deps.bodies.delete(body.key));
    return stored.id;
  } catch (error) {
    if (body.key) deps.waitUntil(forgetBody(db, deps.bodies, body.key));
    throw error;
  }
}
