import type { StoredResponse } from "../db/schema/events.ts";
import { MASK } from "./mask.ts";

/** Shorter ones are no vendor's, and would be found by chance. */
const MIN_SECRET_CHARS = 16;

/** An answer without the secret that was in the URL: a redirect's `location` or a proxy's error page repeats it. */
export function scrub(
  secret: string,
  response: StoredResponse,
  body: Uint8Array<ArrayBuffer>,
): { response: StoredResponse; responseBody: Uint8Array<ArrayBuffer> } {
  if (secret.length < MIN_SECRET_CHARS) return { response, responseBody: body };
  const text = new TextDecoder().decode(body);
  return {
    response: {
      ...response,
      headers: response.headers.map(([name, value]) => [name, value.replaceAll(secret, MASK)]),
    },
    responseBody: text.includes(secret)
      ? new Uint8Array(new TextEncoder().encode(text.replaceAll(secret, MASK)))
      : body,
  };
}
