import type { Deadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, OutgoingEvent, Reason } from "./driver.ts";
import type { HttpConfig } from "./http-config.ts";
import { openBody } from "./open-body.ts";
import { maskedHeaders, outgoingHeaders } from "./outgoing-headers.ts";

/** What an attempt is told to send, or why nothing can be sent. */
export type BuiltRequest =
  | { problem: Extract<Reason, "unsendable_request" | "body_missing" | "timeout"> }
  | { problem?: undefined; request: Request; stored: NonNullable<AttemptResult["request"]> };

/** The method of a try: the config's, or the captured one. */
export function methodOf(config: Pick<HttpConfig, "method">, event: OutgoingEvent): string {
  return config.method === "same" ? event.method : config.method;
}

/**
 * The URL of a try: the config's, with the captured path joined by one slash when asked for,
 * and the captured query after the URL's own. Text in, text out: the captured bytes stay as they are.
 */
export function targetUrl(
  config: Pick<HttpConfig, "url" | "appendPath">,
  event: Pick<OutgoingEvent, "path" | "query">,
): string {
  const url = new URL(config.url);
  const path = config.appendPath
    ? `${url.pathname.replace(/\/+$/, "")}/${event.path.replace(/^\/+/, "")}`
    : url.pathname;
  const query = [url.search.slice(1), event.query].filter((part) => part !== "").join("&");
  return `${url.origin}${path}${query === "" ? "" : `?${query}`}`;
}

/** True for a request that no `fetch` takes: a GET or HEAD with a body. */
export function hasForbiddenBody(method: string, size: number): boolean {
  return size > 0 && (method === "GET" || method === "HEAD");
}

/** Opens the body, signs it and builds the request. */
export async function buildRequest(
  config: HttpConfig,
  input: AttemptInput,
  deadline: Deadline,
): Promise<BuiltRequest> {
  const method = methodOf(config, input.event);
  const url = targetUrl(config, input.event);
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const opened = await openBody(config, input, timestampSeconds, deadline);
  if (typeof opened === "string") return { problem: opened };
  const { signature } = opened;
  const headers = outgoingHeaders(config, input, { timestampSeconds, signature });
  const body =
    opened.body instanceof ReadableStream
      ? withLength(opened.body, input.event.size, deadline)
      : opened.body;
  try {
    return {
      request: new Request(url, { method, headers, body, redirect: "manual" }),
      stored: { method, url, headers: maskedHeaders(headers, config) },
    };
  } catch {
    // The runtime's own list of methods and header values decides: CONNECT, TRACK and the like end here.
    if (body instanceof ReadableStream) void body.cancel().catch(() => {});
    return { problem: "unsendable_request" };
  }
}

/** Gives a stream its length, so that the call carries `content-length` and is not chunked. */
function withLength(
  body: ReadableStream<Uint8Array>,
  size: number,
  deadline: Deadline,
): ReadableStream<Uint8Array> {
  const { readable, writable } = new FixedLengthStream(size);
  // A failure shows as the call's own: the request body breaks off.
  void body.pipeTo(writable, { signal: deadline.signal }).catch(() => {});
  return readable;
}
