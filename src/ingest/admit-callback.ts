import { BatonError } from "../errors.ts";
import { log } from "../log.ts";
import {
  answerSignedChallenge,
  answerUnsignedChallenge,
  type Failure,
  type Head,
  openVerification,
  tokenHeadersOf,
  type Verification,
} from "../verification/index.ts";
import { answerChallenge } from "./answer.ts";
import type { Call } from "./call.ts";
import { checkBody } from "./check-body.ts";
import type { IngestSource } from "./find-source.ts";
import { intakeOf } from "./intake.ts";
import { keepRefused } from "./keep-refused.ts";
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
    await keepRefused(env, source, call, "verification_failed", checked.giveUp);
    return refusal(source, settings, failure);
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

/** Says which check failed, never what would have passed. */
function refusal(
  source: IngestSource,
  { preset }: Verification,
  { check, detail }: Failure,
): Response {
  const response = intakeOf(source.preset).refuse(
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
