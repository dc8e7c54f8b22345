import { exceedsDepth } from "../json-depth.ts";

/** A skill request nests about six levels. */
const MAX_DEPTH = 64;

/** The first JSON value of a body and its text; what follows it is ignored. Null when there is none. */
export function readFirstJson(bytes: Uint8Array): { value: unknown; text: string } | null {
  const whole = new TextDecoder().decode(bytes).trim();
  if (exceedsDepth(whole, MAX_DEPTH)) return null;
  return parse(whole) ?? parse(whole.slice(0, endOfFirst(whole)));
}

function parse(text: string): { value: unknown; text: string } | null {
  try {
    return { value: JSON.parse(text), text };
  } catch {
    return null;
  }
}

/** Where an object or array that a text begins with ends; 0 when it begins with neither, or does not end. */
function endOfFirst(text: string): number {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') {
      inString = true;
    } else if (char === "{" || char === "[") {
      depth++;
    } else if (char === "}" || char === "]") {
      depth--;
      if (depth === 0) return i + 1;
    }
    if (depth === 0) return 0;
  }
  return 0;
}
