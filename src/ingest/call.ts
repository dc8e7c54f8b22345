import { captureHeaders, rawQuery, senderName } from "./capture.ts";

/** One request to an ingest host. */
export type Call = {
  request: Request;
  url: URL;
  /** The path for the source: without `/in/<slug>`. */
  path: string;
  waitUntil: (promise: Promise<unknown>) => void;
};

/** What is kept of a request whether it becomes an event or a stray; without the headers that are a secret. */
export function factsOf({ request, url, path }: Call, secretHeaders: readonly string[]) {
  const ip = request.headers.get("cf-connecting-ip");
  return {
    method: request.method,
    host: url.hostname,
    path,
    query: rawQuery(request.url),
    headers: captureHeaders(request.headers).filter(([name]) => !secretHeaders.includes(name)),
    ip,
    senderName: senderName(request.headers.get("user-agent"), ip),
  };
}
