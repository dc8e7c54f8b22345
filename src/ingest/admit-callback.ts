import { openShards } from "../db/client.ts";
import { BatonError } from "../errors.ts";
import { problemResponse } from "../http-error.ts";
import { log } from "../log.ts";
import {
  answerSignedChallenge,
  answerUnsignedChallenge,
  type Failure,
  type Head,
  openVerification,
  TOKEN_HEADERS,
  tokenHeadersOf,
  type Verification,
} from "../verification/index.ts";
import { answerChallenge } from "./answer.ts";
import { type Call, factsOf } from "./call.ts";
import { type Checked, checkBody } from "./check-body.ts";
import type { IngestSource } from "./find-source.ts";
import { keepStray } from "./keep-stray.ts";
import type { ReceivedBody } from "./receive-body.ts";

/** A request that may be stored; `preset` says as whose it was verified, null that it was not. */
export type Admitted = {
  body: ReceivedBody;
  preset: string | null;
  tokenHeaders: readonly string[];
};

/** Verifies a request, on its raw bytes. A response ends it: a challenge's answer, or 401. */
export async function admitCallback(
  env: EdgeEnv,
  call: Call,
  source: IngestSource,
  { sealed, key }: { sealed: string; key: string },
): Promise<Admitted | Response> {
  const settings = await openSettings(env, source, sealed);
  const { method, url, headers } = call.request;
  const head: Head = { method, url, headers, nowMs: Date.now() };
  const tokenHeaders = tokenHeadersOf(settings);
  const unsigned = await answerUnsignedChallenge(settings, head);
  if (unsigned) return answerChallenge(unsigned);
  const checked = await checkBody(call.request, settings, head, { bodies: env.BODIES, key });
  const { failure, bytes, keep } = checked;
  if (failure) {
    log.debug("verification_failed", { sourceId: source.id, check: failure.check });
    if (settings.onFailure === "store") return { body: await keep(), preset: null, tokenHeaders };
    await keepRefused(env, call, source, checked);
    return refusal(settings, failure);
  }
  const signed = answerSignedChallenge(settings, { method, body: bytes });
  if (signed) return answerChallenge(signed);
  return { body: await keep(), preset: settings.preset, tokenHeaders };
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
  call: Call,
  source: IngestSource,
  checked: Checked,
): Promise<void> {
  const { organizationId } = source;
  try {
    const start = await checked.giveUp();
    const facts = factsOf(call, TOKEN_HEADERS);
    const stray = { ...facts, organizationId, reason: "verification_failed" as const };
    const db = openShards(env)[0];
    if (db) await keepStray(db, start, stray);
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
