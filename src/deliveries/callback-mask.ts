import { exceedsDepth } from "../json-depth.ts";

const MASK = "******";
/** Kakao's requests have 6 levels. */
const MAX_DEPTH = 64;

/**
 * Replaces the callback URL of a KakaoTalk channel's request in a text: whoever has it answers the user in the agent's
 * place, as long as it is good. Null when the request has none.
 */
export function callbackMask(body: Uint8Array | null): ((text: string) => string) | null {
  const url = body && callbackUrlOf(new TextDecoder().decode(body));
  return url ? (text) => text.replaceAll(url, MASK) : null;
}

function callbackUrlOf(text: string): string | null {
  if (exceedsDepth(text, MAX_DEPTH)) return null;
  try {
    const { userRequest } = JSON.parse(text) as { userRequest?: { callbackUrl?: unknown } };
    const url = userRequest?.callbackUrl;
    return typeof url === "string" && url !== "" ? url : null;
  } catch {
    return null;
  }
}
