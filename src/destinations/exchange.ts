import type { StoredResponse } from "../db/schema/events.ts";
import {
  MAX_STORED_HEADER_CHARS,
  MAX_STORED_HEADERS,
  MAX_STORED_RESPONSE_BYTES,
} from "./constants.ts";
import type { Deadline } from "./deadline.ts";
import { readCapped } from "./read-body.ts";

/** An answer, or why there is none. */
export type Exchange =
  | { failure: "timeout" | "connection_failed" }
  | {
      failure?: undefined;
      status: number;
      /** The raw `Retry-After`. */
      retryAfter: string | null;
      response: StoredResponse;
      responseBody: Uint8Array<ArrayBuffer>;
      /** The headers came in time, the body did not. */
      timedOut: boolean;
    };

/**
 * Makes one call. An outside failure is data. A redirect is an answer like any other and is not followed. What comes
 * after `maxBytes` of the answer is not read.
 */
export async function exchange(
  request: Request,
  deadline: Deadline,
  maxBytes = MAX_STORED_RESPONSE_BYTES,
): Promise<Exchange> {
  let answer: Response;
  try {
    answer = await deadline.race(fetch(request, { signal: deadline.signal }));
  } catch {
    return { failure: deadline.hasStruck() ? "timeout" : "connection_failed" };
  }
  const body = answer.body
    ? await readCapped(answer.body, maxBytes, deadline.race)
    : { bytes: new Uint8Array(), truncated: false };
  const { headers, isCut } = cappedHeaders(answer.headers);
  return {
    status: answer.status,
    retryAfter: answer.headers.get("retry-after"),
    response: { status: answer.status, headers, truncated: body.truncated || isCut },
    responseBody: body.bytes,
    timedOut: deadline.hasStruck(),
  };
}

/** As much of an answer's headers as is kept. */
export function cappedHeaders(all: Iterable<[string, string]>): {
  headers: [string, string][];
  isCut: boolean;
} {
  const headers: [string, string][] = [];
  let chars = 0;
  for (const [name, value] of all) {
    chars += name.length + value.length;
    if (headers.length >= MAX_STORED_HEADERS || chars > MAX_STORED_HEADER_CHARS) {
      return { headers, isCut: true };
    }
    headers.push([name, value]);
  }
  return { headers, isCut: false };
}
