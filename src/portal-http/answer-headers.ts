/** Headers of the connection; and cookies, which are the session's and nobody else's. */
const KEPT_HERE = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "set-cookie",
  "set-cookie2",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** What the runtime unpacks; a body in any other packing is handed on as it came. */
const UNPACKED = new Set(["gzip", "br"]);

/** An answer's headers as they are handed on, with a body that was unpacked. */
export function answerHeaders(headers: Headers, method: string): [string, string][] {
  const packing = headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  const isUnpacked = method !== "HEAD" && UNPACKED.has(packing);
  return [...headers].filter(([name]) => {
    if (isUnpacked && (name === "content-encoding" || name === "content-length")) return false;
    return !KEPT_HERE.has(name);
  });
}
