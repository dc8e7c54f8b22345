import type { EventTask } from "../context.ts";
import { openShards } from "../db/client.ts";
import { type Admitted, admitCallback } from "./admit-callback.ts";
import { answerStored } from "./answer.ts";
import { type Call, factsOf } from "./call.ts";
import { captureNetwork, readHops, verifiedSenderName } from "./capture.ts";
import { readDedupKey } from "./dedup-key.ts";
import type { IngestSource } from "./find-source.ts";
import { forgetBody } from "./forget-body.ts";
import { receiveBody } from "./receive-body.ts";
import { type Captured, type Stores, storeEvent } from "./store-event.ts";
import { type StoredOnce, storeOnce } from "./store-once.ts";
import { storeRejected } from "./store-rejected.ts";

/** Stores a callback and answers it: 202 with the event's id, or the source's own response. */
export async function handleCallback(
  env: EdgeEnv,
  call: Call,
  source: IngestSource,
): Promise<Response> {
  const { request, waitUntil } = call;
  const db = openShards(env)[source.shard];
  if (!db) throw new Error(`event shard ${source.shard} is not bound`);
  const key = `${new Date().toISOString().slice(0, 10)}/${source.id}/${crypto.randomUUID()}`;
  const admitted = source.verification
    ? await admitCallback(env, call, source, { sealed: source.verification, key })
    : null;
  if (admitted instanceof Response) return admitted;
  const body = admitted ? admitted.body : await receiveBody(request, env.BODIES, key);
  const captured = {
    ...factsOf(call, admitted?.tokenHeader ? [admitted.tokenHeader] : []),
    ...(admitted?.preset && { senderName: verifiedSenderName(admitted.preset, request.headers) }),
    contentType: request.headers.get("content-type"),
    network: captureNetwork(request),
    hops: readHops(request.headers.get("x-baton-hops")),
    body,
  };
  const stores = { db, queue: env.EVENTS_QUEUE as Queue<EventTask>, waitUntil };
  try {
    const stored = await store(stores, env.BODIES, source, captured, admitted);
    // R2 is written before the row, which must never point to nothing; so a duplicate takes its copy away again.
    if (stored.duplicate && body.key) waitUntil(env.BODIES.delete(body.key));
    return answerStored(source, stored);
  } catch (error) {
    if (body.key) waitUntil(forgetBody(db, env.BODIES, body.key));
    throw error;
  }
}

async function store(
  stores: Stores,
  bodies: R2Bucket,
  source: IngestSource,
  captured: Captured,
  admitted: Admitted | null,
): Promise<StoredOnce> {
  if (admitted?.preset === null) {
    return { id: await storeRejected(stores, source, captured), duplicate: false };
  }
  const headers = new Headers(captured.headers);
  const dedup = await readDedupKey(source, headers, captured.body, bodies);
  if (dedup) return storeOnce(stores, source, captured, dedup);
  return { id: await storeEvent(stores, source, captured), duplicate: false };
}
