import { toBase64 } from "../crypto.ts";
import type { RelayAnswer } from "../session-pairs/index.ts";
import type { PortalAnswer } from "./schemas.ts";

type Answered = Extract<RelayAnswer, { kind: "answered" }>;

/** What the session's own cookies are set by, and what is between two hops. */
const WITHHELD = new Set([
  "set-cookie",
  "set-cookie2",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
/** Packings that are unpacked on the way; a body in another one is handed on as it came, with its header. */
const UNPACKED = new Set(["gzip", "br", "identity"]);
const TEXT =
  /^(text\/|application\/([\w.+-]*\+)?(json|xml|javascript|x-www-form-urlencoded|x-ndjson)\b|image\/svg)/i;

/** The site's answer for the caller: never a cookie of the session. */
export function toAnswer({ status, headers, body, servedBy }: Answered): PortalAnswer {
  const shown = new Map<string, string>();
  for (const [written, value] of headers) {
    const name = written.toLowerCase();
    if (WITHHELD.has(name)) continue;
    if (name === "content-encoding" && UNPACKED.has(value.toLowerCase())) continue;
    // Of a HEAD it says something; a body has a length of its own.
    if (name === "content-length" && body.length > 0) continue;
    const before = shown.get(name);
    shown.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const isPacked = shown.has("content-encoding");
  const text = isPacked ? null : readText(shown.get("content-type"), body);
  return {
    status,
    headers: Object.fromEntries(shown),
    ...(text === null ? { bodyBase64: toBase64(body) } : { body: text }),
    servedBy: { slot: servedBy.slot, epoch: servedBy.epoch },
  };
}

/** Null for what is no text, or one that is not in UTF-8: its bytes are handed on. */
function readText(contentType: string | undefined, body: Uint8Array): string | null {
  if (body.length === 0) return "";
  if (contentType !== undefined && !TEXT.test(contentType)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}
