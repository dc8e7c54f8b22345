import { captureHeaders, rawQuery, senderName } from "./capture.ts";

/** One request to an ingest host. */
export type Call = {
  request: Request;
  url: URL;
  /** The path for the source: without `/in/<slug>`. */
  path: string;
  waitUntil: (promise: Promise<unknown>) => void;
};

/** What is kept of a request whether it becomes an event or a stray; without the header that is a secret, if one is. */
export function factsOf({ request, url, path }: Call, tokenHeader: string | null = null) {
  const ip = request.headers.get("cf-connecting-ip");
  return {
    method: request.method,
    host: url.hostname,
    path,
    query: rawQuery(request.url),
    headers: captureHeaders(request.headers).filter(([name]) => name !== tokenHeader),
    ip,
    senderName: senderName(request.headers.get("user-agent"), ip),
  };
}
