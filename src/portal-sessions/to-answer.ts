import { toBase64 } from "../crypto.ts";
import { isReservedHeader } from "../destinations/index.ts";
import type { RelayAnswer } from "../session-pairs/index.ts";
import type { PortalAnswer } from "./schemas.ts";

type Answered = Extract<RelayAnswer, { kind: "answered" }>;

/** What the session's own cookies are set by, and what the body that is handed on does not have any more. */
const WITHHELD = new Set(["set-cookie", "set-cookie2", "content-encoding", "content-length"]);
const TEXT =
  /^(text\/|application\/([\w.+-]*\+)?(json|xml|javascript|x-www-form-urlencoded|x-ndjson)\b|image\/svg)/i;

/** The site's answer for the caller: never a cookie of the session. */
export function toAnswer({ status, headers, body, servedBy }: Answered): PortalAnswer {
  const shown = new Map<string, string>();
  for (const [written, value] of headers) {
    const name = written.toLowerCase();
    if (WITHHELD.has(name) || isReservedHeader(name)) continue;
    const before = shown.get(name);
    shown.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const text = readText(shown.get("content-type"), body);
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
