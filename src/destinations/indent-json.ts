const INDENT = "  ";

/**
 * Lays JSON text out over lines, token by token. Parsing and writing it again would round large numbers
 * and drop duplicate keys; this shows what came. `json` must be valid.
 */
export function indentJson(json: string): string {
  let out = "";
  let depth = 0;
  const newline = () => `\n${INDENT.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[^\s"{}[\],:]+|[{}[\],:]/g)) {
    if (token === "{" || token === "[") {
      depth++;
      out += token + newline();
    } else if (token === "}" || token === "]") {
      depth--;
      // An empty pair stays on its line.
      const isEmpty = /[{[]\s*$/.test(out.slice(-2 - INDENT.length * (depth + 1)));
      out = isEmpty ? out.trimEnd() + token : out + newline() + token;
    } else if (token === ",") {
      out += token + newline();
    } else {
      out += token === ":" ? ": " : token;
    }
  }
  return out;
}
