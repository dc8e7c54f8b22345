import { MASK } from "./constants.ts";

/** What a sender's key starts with: text of this form is never anybody else's. */
export const SENDER_KEY_PREFIX = "bts_";

const KEY_HEADER = "x-baton-sender";
const KEY_PARAMETER = "sender";

/** Headers that hold a key. They are neither stored nor handed on. */
export const SENDER_HEADERS: readonly string[] = [KEY_HEADER];

type Place = { path: string; query: string; headers: Headers };

/** A key that a request may carry, and the request's path and query without it. */
export type Candidate = {
  key: string;
  path: string;
  query: string;
  /** It can be nothing else: when nobody has this key, the request is refused. */
  isKey: boolean;
};

/**
 * The keys that a request may carry, in the path (`/~<key>/…`), the header `x-baton-sender` or the query (`sender=`).
 * The last two are anybody's names: only our own form makes their text a key for certain.
 */
export function readCandidates({ path, query, headers }: Place): Candidate[] {
  const candidates: Candidate[] = [];
  const inPath = /^\/~([^/]+)(\/.*)?$/.exec(path);
  if (inPath) {
    const [, key = "", rest = "/"] = inPath;
    candidates.push({ key, path: rest, query, isKey: isSenderKey(key) });
  }
  const inHeader = headers.get(KEY_HEADER);
  if (inHeader) candidates.push({ key: inHeader, path, query, isKey: true });
  for (const value of new URLSearchParams(query).getAll(KEY_PARAMETER)) {
    const isKey = isSenderKey(value);
    candidates.push({ key: value, path, query: withoutParameter(query, value), isKey });
  }
  return candidates;
}

/** Every key of our form masked, for what is kept of a request that is refused. */
export function maskKeys(text: string): string {
  return text.replace(/bts_[A-Za-z0-9_-]+/g, `${SENDER_KEY_PREFIX}${MASK}`);
}

/** True for a key that Baton made. */
export function isSenderKey(text: string): boolean {
  return text.startsWith(SENDER_KEY_PREFIX);
}

/** The raw query without that one parameter; the rest stays as it was written. */
function withoutParameter(query: string, value: string): string {
  return query
    .split("&")
    .filter((pair) => new URLSearchParams(pair).get(KEY_PARAMETER) !== value)
    .join("&");
}
