import { captureHeaders, rawQuery } from "./capture.ts";
import { SENDER_HEADERS } from "./sender-keys.ts";

/** One request to an ingest host. */
export type Call = {
  request: Request;
  url: URL;
  /** The path for the source: without `/in/<slug>`, and once its sender is known without its key. */
  path: string;
  /** Raw query without `?`, once its sender is known without its key. */
  query: string;
  waitUntil: (promise: Promise<unknown>) => void;
};

export function newCall(request: Request, path: string, waitUntil: Call["waitUntil"]): Call {
  const { url } = request;
  return { request, url: new URL(url), path, query: rawQuery(url), waitUntil };
}

/** What is kept of a request whether it becomes an event or a stray; without the headers that are a secret. */
export function factsOf({ request, url, path, query }: Call, secretHeaders: readonly string[]) {
  const secrets = [...SENDER_HEADERS, ...secretHeaders];
  return {
    method: request.method,
    host: url.hostname,
    path,
    query,
    headers: captureHeaders(request.headers).filter(([name]) => !secrets.includes(name)),
    ip: request.headers.get("cf-connecting-ip"),
  };
}
