import { SENDER_KEY_PREFIX } from "../sender-key.ts";
import { MASK, MAX_KEY_PARAMETERS } from "./constants.ts";

const KEY_HEADER = "x-baton-sender";
const KEY_PARAMETER = "sender";
/** As `/webhook/sms` takes it; elsewhere it is other people's, but for a key of our form. */
const PHONE_KEY_PARAMETER = "key";

/** Headers that hold a key. They are neither stored nor handed on. */
export const SENDER_HEADERS: readonly string[] = [KEY_HEADER];

/** Where a key may stand in a URL: its path, and its raw query without `?`. */
type Place = { path: string; query: string };

/** A key that a request may carry. */
export type Candidate = {
  key: string;
  /** It can be nothing else: when nobody has this key, the request is refused. */
  isKey: boolean;
};

/**
 * The keys that a request may carry, in the path (`/~<key>/…`), the header `x-baton-sender` or the query (`sender=`,
 * and `key=` with one of our form).
 * The header is ours alone; in path and query only our own form makes a text a key for certain.
 */
export function readCandidates({ path, query }: Place, headers: Headers): Candidate[] {
  const inPath = cutPath(path)?.key;
  const inHeader = headers.get(KEY_HEADER);
  const inQuery = [...new URLSearchParams(query)]
    .filter(mayBeKey)
    .map(([, value]) => value)
    .slice(0, MAX_KEY_PARAMETERS);
  return [
    ...(inPath === undefined ? [] : [{ key: inPath, isKey: isOurs(inPath) }]),
    ...(inHeader ? [{ key: inHeader, isKey: true }] : []),
    ...inQuery.map((key) => ({ key, isKey: isOurs(key) })),
  ];
}

/** Path and query without this key, and without any text of our own form where a key may stand. */
export function cutKeys({ path, query }: Place, key: string): Place {
  const isSecret = (text: string) => text === key || isOurs(text);
  const inPath = cutPath(path);
  return {
    path: inPath && isSecret(inPath.key) ? inPath.path : path,
    // By the raw pairs: what is left stays as it was written.
    query: query
      .split("&")
      .filter((pair) => {
        const [[name, value] = ["", ""]] = new URLSearchParams(pair);
        return !(mayBeKey([name, value]) && isSecret(value));
      })
      .join("&"),
  };
}

function mayBeKey([name, value]: [string, string]): boolean {
  return name === KEY_PARAMETER || (name === PHONE_KEY_PARAMETER && isOurs(value));
}

/** Every key of our form and every Slack hook's secret masked, for what is kept of a request that is refused. */
export function maskKeys(text: string): string {
  return text
    .replace(/bts(_|%5f)[A-Za-z0-9_%-]+/gi, `${SENDER_KEY_PREFIX}${MASK}`)
    .replace(/(\/services\/T[^/]+\/B[^/]+\/)[^/?&]+/g, `$1${MASK}`);
}

/** `/~<key>/rest` → the key and `/rest`. Some clients write the tilde as `%7E`. */
function cutPath(path: string): { key: string; path: string } | null {
  const [, key, rest = "/"] = /^\/(?:~|%7e)([^/]+)(\/.*)?$/i.exec(path) ?? [];
  return key === undefined ? null : { key: decode(key), path: rest };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** True for text of the form of our keys: it is a key, whether or not somebody has it. */
export function isOurs(text: string): boolean {
  return text.startsWith(SENDER_KEY_PREFIX);
}
