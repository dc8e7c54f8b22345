import { openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { problemResponse } from "../http-error.ts";
import { log } from "../log.ts";
import {
  answerSignedChallenge,
  answerUnsignedChallenge,
  type Failure,
  type Incoming,
  openVerification,
  tokenHeaderOf,
  type Verification,
  verifyIncoming,
} from "../verification/index.ts";
import { answerChallenge } from "./answer.ts";
import { bufferBody } from "./buffer-body.ts";
import { type Call, factsOf } from "./call.ts";
import type { IngestSource } from "./find-source.ts";
import { keepStray } from "./keep-stray.ts";

/** A request that may be stored; `preset` says as whose it was verified, null that it was not. */
export type Admitted = {
  bytes: Uint8Array<ArrayBuffer>;
  preset: string | null;
  tokenHeader: string | null;
};

/** Verifies a request, on its raw bytes. A response ends it: a challenge's answer, or 401. */
export async function admitCallback(
  env: EdgeEnv,
  call: Call,
  source: IngestSource,
  sealed: string,
): Promise<Admitted | Response> {
  const settings = await openSettings(env, source, sealed);
  const { method, url, headers } = call.request;
  const tokenHeader = tokenHeaderOf(settings);
  const bytes = await bufferBody(call.request);
  const incoming: Incoming = { method, url, headers, body: bytes, nowMs: Date.now() };
  const unsigned = await answerUnsignedChallenge(settings, incoming);
  if (unsigned) return answerChallenge(unsigned);
  const failure = await verifyIncoming(settings, incoming);
  if (failure) {
    log.debug("verification_failed", { sourceId: source.id, check: failure.check });
    if (settings.onFailure === "store") return { bytes, preset: null, tokenHeader };
    const facts = factsOf(call, tokenHeader);
    await keepRefused(env, facts, source, bytes);
    return refusal(settings, failure);
  }
  const signed = answerSignedChallenge(settings, incoming);
  return signed ? answerChallenge(signed) : { bytes, preset: settings.preset, tokenHeader };
}

/** Settings that cannot be opened are our fault, and no reason to let anything in: the sender tries again. */
async function openSettings(
  env: EdgeEnv,
  source: IngestSource,
  sealed: string,
): Promise<Verification> {
  try {
    return await openVerification(env.INGEST_KEY, source.id, sealed);
  } catch (error) {
    log.error("verification_not_opened", { sourceId: source.id, error });
    throw new BatonError("unavailable", "The request could not be verified. Send it again.", {
      retryAfterSeconds: 60,
    });
  }
}

/** A refused request is a stray of the source's organization, within the bounds of strays. */
async function keepRefused(
  env: EdgeEnv,
  facts: ReturnType<typeof factsOf>,
  source: IngestSource,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const { organizationId } = source;
  try {
    const db = openShards(env)[0];
    const stray = { ...facts, organizationId, reason: "verification_failed" as const };
    if (db) await keepStray(db, bytes, stray);
  } catch (error) {
    // The sender sees a 401 either way; the log says that the record is missing.
    log.error("stray_not_kept", { sourceId: source.id, error });
  }
}

/** Says which check failed, never what would have passed. */
function refusal({ preset }: Verification, { check, detail }: Failure): Response {
  const response = problemResponse(
    new BatonError(
      "unauthorized",
      `The request is not verified as \`${preset}\`: ${detail}. It was not stored as an event.`,
    ),
    { check },
  );
  // A `Bearer` token would not help here.
  response.headers.set("www-authenticate", `Signature realm="${preset}"`);
  return response;
}
