import type { Deadline } from "./deadline.ts";
import type { AttemptInput, AttemptResult, OutgoingEvent, Reason } from "./driver.ts";
import { type HttpConfig, signingSecrets } from "./http-config.ts";
import { maskedHeaders, outgoingHeaders } from "./outgoing-headers.ts";
import { readCapped } from "./read-body.ts";
import { signatureHeader } from "./sign.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Body = Bytes | ReadableStream<Uint8Array> | null;

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
  const opened = await openBody(config, input.event, deadline);
  if (typeof opened === "string") return { problem: opened };
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const secrets = signingSecrets(config);
  const signature =
    secrets.length > 0 && !(opened instanceof ReadableStream)
      ? await signatureHeader(
          secrets,
          { id: input.deliveryId, timestampSeconds },
          opened ?? new Uint8Array(),
        )
      : undefined;
  const headers = outgoingHeaders(config, input, { timestampSeconds, signature });
  const body =
    opened instanceof ReadableStream ? withLength(opened, input.event.size, deadline) : opened;
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

/** The body as it is sent; one that is signed is read whole, because WebCrypto has no incremental HMAC. */
async function openBody(
  config: HttpConfig,
  event: OutgoingEvent,
  deadline: Deadline,
): Promise<Body | "body_missing" | "timeout"> {
  if (event.size === 0) return null;
  try {
    const body = await deadline.race(event.openBody());
    if (body === null) return "body_missing";
    if (!(body instanceof ReadableStream) || !config.sign) return body;
    const read = await readCapped(body, event.size, deadline.race);
    if (!read.failed && read.bytes.length === event.size) return read.bytes;
    return deadline.hasStruck() ? "timeout" : "body_missing";
  } catch (error) {
    if (deadline.hasStruck()) return "timeout";
    throw error;
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
