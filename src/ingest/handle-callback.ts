import type { EventTask } from "../context.ts";
import { openControl, openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { problemResponse } from "../http-error.ts";
import { log } from "../log.ts";
import { captureHeaders, captureNetwork, rawQuery, readHops, senderName } from "./capture.ts";
import { findFormerOwner, type IngestSource, type SourceName } from "./find-source.ts";
import { keepStray } from "./keep-stray.ts";
import { receiveBody } from "./receive-body.ts";
import { forgetBody, storeEvent } from "./store-event.ts";

/** One request to an ingest host. */
export type Call = {
  request: Request;
  url: URL;
  /** The path for the source: without `/in/<slug>`. */
  path: string;
  waitUntil: (promise: Promise<unknown>) => void;
};

/** Stores a callback and answers it: 202 with the event's id, or the source's own response. */
export async function handleCallback(
  env: EdgeEnv,
  call: Call,
  source: IngestSource,
): Promise<Response> {
  const { request } = call;
  const db = openShards(env)[source.shard];
  if (!db) throw new Error(`event shard ${source.shard} is not bound`);
  const key = `${new Date().toISOString().slice(0, 10)}/${source.id}/${crypto.randomUUID()}`;
  const body = await receiveBody(request, env.BODIES, key);
  const captured = {
    ...factsOf(call),
    contentType: request.headers.get("content-type"),
    network: captureNetwork(request),
    hops: readHops(request.headers.get("x-baton-hops")),
    body,
  };
  const stores = { db, queue: env.EVENTS_QUEUE as Queue<EventTask>, waitUntil: call.waitUntil };
  try {
    const id = await storeEvent(stores, source, captured);
    return answer(source, id);
  } catch (error) {
    if (body.key) call.waitUntil(forgetBody(db, env.BODIES, body.key));
    throw error;
  }
}

/** Keeps what matched no source, and answers 404 saying what exists for this kind of request. */
export async function handleStray(
  env: EdgeEnv,
  call: Call,
  name: SourceName,
  disabled: IngestSource | null,
): Promise<Response> {
  // The whole path: under `/in/<slug>/` the name that nobody has is what the operator looks for.
  const facts = { ...factsOf(call), path: call.url.pathname };
  let kept = false;
  try {
    const owner = disabled?.organizationId ?? (await findFormerOwner(openControl(env.DB), name));
    const reason = disabled ? "source_disabled" : owner ? "source_deleted" : "unknown_source";
    const db = openShards(env)[0];
    if (db) kept = await keepStray(db, call.request, { ...facts, organizationId: owner, reason });
    const { host, method, path } = facts;
    log.debug("stray", { host, method, path, reason });
  } catch (error) {
    // The sender sees a 404 either way; the log says that the record is missing.
    log.error("stray_not_kept", { host: facts.host, error });
  }
  return problemResponse(
    new BatonError(
      "not_found",
      `No enabled source takes ${facts.host}${facts.path}.${kept ? " It was kept as a stray." : ""}`,
    ),
    {
      exists: {
        wildcardHost: env.INGEST_URL.replace("{slug}", "<slug>"),
        path: `${env.APP_URL}/in/<slug>/…`,
        ownHostname: "a hostname listed in a source's `hostnames`",
        sources: `${env.APP_URL}/api/v1/sources`,
      },
    },
  );
}

function factsOf({ request, url, path }: Call) {
  const ip = request.headers.get("cf-connecting-ip");
  return {
    method: request.method,
    host: url.hostname,
    path,
    query: rawQuery(request.url),
    headers: captureHeaders(request.headers),
    ip,
    senderName: senderName(request.headers.get("user-agent"), ip),
  };
}

function answer(source: IngestSource, id: string): Response {
  const headers = new Headers(source.response?.headers);
  headers.set("x-baton-event-id", id);
  // Under `/in/<slug>/` the answer comes from the app's own origin: a page in it must not act as the app.
  headers.set("content-security-policy", "sandbox");
  headers.set("x-content-type-options", "nosniff");
  if (!source.response) {
    headers.set("content-type", "application/json");
    return new Response(JSON.stringify({ id }), { status: 202, headers });
  }
  const { status, body } = source.response;
  // 204 and 304 must have no body at all, not an empty one.
  return new Response(body === "" ? null : body, { status, headers });
}
