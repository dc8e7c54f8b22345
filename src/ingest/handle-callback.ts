import type { EventTask } from "../context.ts";
import { openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { admitCallback } from "./admit-callback.ts";
import { admitSender } from "./admit-sender.ts";
import { answerStored } from "./answer.ts";
import { type Call, factsOf } from "./call.ts";
import { captureNetwork, readHops } from "./capture.ts";
import { startOfReceived } from "./check-body.ts";
import { readDedupKey } from "./dedup-key.ts";
import type { IngestSource } from "./find-source.ts";
import { forgetBody } from "./forget-body.ts";
import { type Identity, identifySender } from "./identify-sender.ts";
import { type Intake, intakeOf } from "./intake.ts";
import { keepRefused } from "./keep-refused.ts";
import { nameSender } from "./name-sender.ts";
import { receiveBody } from "./receive-body.ts";
import { type Captured, type Stores, storeEvent } from "./store-event.ts";
import { type StoredOnce, storeOnce } from "./store-once.ts";
import { storeUnrouted } from "./store-unrouted.ts";

/** Stores a callback and answers it as its source's preset does, also when it is refused. */
export async function handleCallback(
  env: EdgeEnv,
  call: Call,
  source: IngestSource,
): Promise<Response> {
  const intake = intakeOf(source.preset);
  try {
    const identity = await identifySender(source, intake, call);
    await admitSender(env, source, identity);
    const refusal = intake.refuseHead?.(identity.call);
    if (refusal) {
      await keepRefused(env, source, identity.call, "unexpected_request");
      throw refusal;
    }
    return await takeIn(env, identity, source, intake);
  } catch (error) {
    if (error instanceof BatonError) return intake.refuse(error);
    throw error;
  }
}

async function takeIn(
  env: EdgeEnv,
  identity: Identity,
  source: IngestSource,
  intake: Intake,
): Promise<Response> {
  const { call, sender } = identity;
  const { request, waitUntil } = call;
  if (intake.needsVerification && !source.verification) {
    throw new BatonError("unauthorized", "This source has no verification, so nobody may send.");
  }
  const db = openShards(env)[source.shard];
  if (!db) throw new Error(`event shard ${source.shard} is not bound`);
  const key = `${new Date().toISOString().slice(0, 10)}/${source.id}/${crypto.randomUUID()}`;
  const admitted = source.verification
    ? await admitCallback(env, call, source, { sealed: source.verification, key })
    : null;
  if (admitted instanceof Response) return admitted;
  const body = admitted ? admitted.body : await receiveBody(request, env.BODIES, key);
  const stores = { db, queue: env.EVENTS_QUEUE as Queue<EventTask>, waitUntil };
  try {
    const contentType = request.headers.get("content-type");
    const refusal = intake.refuseBody?.(body, contentType, call);
    if (refusal) {
      const start = () => startOfReceived(body, env.BODIES);
      await keepRefused(env, source, call, "invalid_payload", start);
      throw refusal;
    }
    const captured = {
      ...factsOf(call, admitted?.tokenHeaders ?? []),
      ...nameSender(call, identity, admitted?.preset ?? null),
      contentType,
      network: captureNetwork(request),
      hops: readHops(request.headers.get("x-baton-hops")),
      body,
    };
    const stored = await store(stores, env.BODIES, source, captured, {
      isForged: admitted?.preset === null,
      isMuted: sender?.state === "muted",
    });
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
  { isForged, isMuted }: { isForged: boolean; isMuted: boolean },
): Promise<StoredOnce> {
  if (isForged || isMuted) {
    const status = isForged ? "rejected" : "muted";
    return { id: await storeUnrouted(stores, source, captured, status), duplicate: false };
  }
  const dedup = await readDedupKey(source, captured, bodies);
  if (dedup) return storeOnce(stores, source, captured, dedup);
  return { id: await storeEvent(stores, source, captured), duplicate: false };
}
