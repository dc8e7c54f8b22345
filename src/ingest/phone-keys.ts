import type { Call } from "./call.ts";
import { MAX_KEY_PARAMETERS } from "./constants.ts";
import { isOurs, SENDER_HEADERS } from "./sender-keys.ts";

/** The parameters that may hold a key; `sender` is also what apps call the number that a message came from. */
const PARAMETERS = ["sender", "key"];

/** The keys that a call of `/webhook/sms` shows, and the call without them. */
export type PhoneKeys = { keys: string[]; call: Call };

/** Reads keys from the path's next part, the header `x-baton-sender`, and the query. All are cut off; a few are tried. */
export function readPhoneKeys(call: Call, inPath: string | null): PhoneKeys {
  const inHeader = SENDER_HEADERS.map((name) => call.request.headers.get(name));
  const pairs = call.query.split("&");
  const inQuery = pairs.map(keyOf);
  const query = pairs.filter((_, i) => inQuery[i] === null).join("&");
  const tried = inQuery.filter((key) => key !== null).slice(0, MAX_KEY_PARAMETERS);
  const keys = [inPath, ...inHeader, ...tried].filter((key) => key !== null && key !== "");
  // The URL is what a stray is told by.
  const url = new URL(call.url);
  url.pathname = call.path;
  url.search = query;
  return { keys: keys as string[], call: { ...call, url, query } };
}

function keyOf(pair: string): string | null {
  const [[name, value] = ["", ""]] = new URLSearchParams(pair);
  if (!PARAMETERS.includes(name)) return null;
  return name === "key" || isOurs(value) ? value : null;
}
