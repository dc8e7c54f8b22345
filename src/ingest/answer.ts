import type { ChallengeAnswer } from "../verification/index.ts";
import type { IngestSource } from "./find-source.ts";
import { intakeOf } from "./intake.ts";
import type { StoredOnce } from "./store-once.ts";

/** The source's own response, or its preset's. A duplicate gets the same with the first one's id. */
export function answerStored(source: IngestSource, stored: StoredOnce): Response {
  const response = source.response
    ? ownAnswer(source.response)
    : intakeOf(source.preset).answer(stored);
  harmless(response.headers);
  response.headers.set("x-baton-event-id", stored.id);
  if (stored.duplicate) response.headers.set("x-baton-duplicate", "true");
  return response;
}

function ownAnswer({ status, headers, body }: NonNullable<IngestSource["response"]>): Response {
  // 204 and 304 must have no body at all, not an empty one.
  return new Response(body === "" ? null : body, { status, headers });
}

/** 200 with what the provider wants to see, or 204. Part of it was chosen by whoever asked. */
export function answerChallenge({ contentType, body }: ChallengeAnswer): Response {
  if (body === null) return new Response(null, { status: 204, headers: harmless(new Headers()) });
  return new Response(body, { headers: harmless(new Headers({ "content-type": contentType })) });
}

/** Under `/in/<slug>/` the answer comes from the app's own origin: a page in it must not act as the app. */
function harmless(headers: Headers): Headers {
  headers.set("content-security-policy", "sandbox");
  headers.set("x-content-type-options", "nosniff");
  return headers;
}
