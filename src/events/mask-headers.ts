import { TOKEN_HEADERS } from "../verification/index.ts";

/** A token of a provider stays with an event of a source that does not verify by it. */
const SECRET_HEADERS = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
  ...TOKEN_HEADERS,
]);

export const MASK = "********";

/** Headers as the API shows them: whoever may read events must not learn the callers' credentials. */
export function maskHeaders(headers: [string, string][]): [string, string][] {
  return headers.map(([name, value]) => [
    name,
    SECRET_HEADERS.has(name.toLowerCase()) ? MASK : value,
  ]);
}
