import type { ChallengeAnswer } from "../verification/index.ts";
import type { IngestSource } from "./find-source.ts";
import type { StoredOnce } from "./store-once.ts";

/** 202 with the event's id, or the source's own response. A duplicate gets the same with the first one's id. */
export function answerStored(source: IngestSource, { id, duplicate }: StoredOnce): Response {
  const headers = harmless(new Headers(source.response?.headers));
  headers.set("x-baton-event-id", id);
  if (duplicate) headers.set("x-baton-duplicate", "true");
  if (!source.response) {
    headers.set("content-type", "application/json");
    return new Response(JSON.stringify({ id }), { status: 202, headers });
  }
  const { status, body } = source.response;
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
