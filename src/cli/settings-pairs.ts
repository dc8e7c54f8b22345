import { CliError } from "./cli-error.ts";
import type { Texts } from "./texts.ts";

/**
 * `--config` pairs as an object: `name=text`, `name:=json`, and `headers.x-team=text` for a field of a field.
 * A value is text unless it says otherwise: keys and numbers to call often look like numbers.
 */
export function readPairs(pairs: readonly string[], say: Texts): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const pair of pairs) {
    const found = /^([^=:]+)(:?=)(.*)$/s.exec(pair);
    // Its value is not shown: it may be a key.
    if (!found) throw new CliError(say.errors.badPair(""));
    const [, name = "", sign, text = ""] = found;
    put(read, name, sign === ":=" ? parse(name, text, say) : text);
  }
  return read;
}

function put(into: Record<string, unknown>, name: string, value: unknown): void {
  const dot = name.indexOf(".");
  if (dot < 0) {
    define(into, name, value);
    return;
  }
  const outer = name.slice(0, dot);
  const inner = Object.hasOwn(into, outer) ? into[outer] : {};
  const fields = inner && typeof inner === "object" ? { ...inner } : {};
  define(fields, name.slice(dot + 1), value);
  define(into, outer, fields);
}

/** Also for a name like `__proto__`: the server refuses it by its name. */
function define(into: object, name: string, value: unknown): void {
  Object.defineProperty(into, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function parse(name: string, text: string, say: Texts): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(say.errors.badPair(`${name}:=…`));
  }
}
