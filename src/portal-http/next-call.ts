import { fromUtf8Bytes } from "./from-utf8-bytes.ts";
import type { OutgoingHeader } from "./request-headers.ts";

/** One call of a request; the first, or one that a redirect asks for. */
export type Call = {
  method: string;
  url: URL;
  headers: OutgoingHeader[];
  body: Uint8Array<ArrayBuffer> | null;
};

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** https://fetch.spec.whatwg.org/#request-body-header-name */
const BODY_HEADERS = new Set([
  "content-encoding",
  "content-language",
  "content-location",
  "content-type",
]);

/** The call that an answer redirects to, as browsers make it; null: the answer is the end. */
export function nextCall(call: Call, status: number, location: string | null): Call | null {
  if (!REDIRECTS.has(status) || location === null) return null;
  const url = URL.parse(fromUtf8Bytes(location), call.url.href);
  if (!url) return null;
  const kept =
    url.origin === call.url.origin ? call.headers : call.headers.filter(({ secret }) => !secret);
  if (!becomesGet(call.method, status)) return { ...call, url, headers: kept };
  const headers = kept.filter(({ name }) => !BODY_HEADERS.has(name));
  return { method: "GET", url, headers, body: null };
}

function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}
