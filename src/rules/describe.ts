import { isObject } from "./compare.ts";
import { MAX_TRACE_VALUE_CHARS } from "./constants.ts";

/** A code that begins within what is shown is masked as a whole: so much more is looked at. */
const MASK_MARGIN_CHARS = 32;

/** JSON text of a value, cut to `max` UTF-16 units; looks at no more of a large value than it shows. */
export function preview(
  value: unknown,
  max = MAX_TRACE_VALUE_CHARS,
  mask: ((text: string) => string) | null = null,
): string {
  if (!mask) return shorten(write(value, max + 1), max);
  return shorten(mask(write(value, max + MASK_MARGIN_CHARS)), max);
}

/** Text cut to `max` UTF-16 units with an ellipsis, never through the middle of a character. */
export function shorten(text: string, max = MAX_TRACE_VALUE_CHARS): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
}

function write(value: unknown, budget: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, budget));
  if (Array.isArray(value))
    return `[${writeItems(value.values(), budget, (item, left) => write(item, left))}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const items = writeItems(Object.keys(value).values(), budget, (key, left) => {
    return `${JSON.stringify(key.slice(0, left))}:${write(value[key], left)}`;
  });
  return `{${items}}`;
}

function writeItems<T>(
  items: Iterable<T>,
  budget: number,
  one: (item: T, left: number) => string,
): string {
  let text = "";
  for (const item of items) {
    if (text.length >= budget) break;
    text += (text === "" ? "" : ",") + one(item, budget - text.length);
  }
  return text;
}

/** What the request has at a place: `missing`, or its value, with the type where a type can be mistaken. */
export function describeFound(
  values: readonly unknown[],
  mask: ((text: string) => string) | null = null,
): string {
  if (values.length === 0) return "missing";
  const first = values[0];
  const more = values.length === 1 ? "" : `, and ${values.length - 1} more`;
  return preview(first, MAX_TRACE_VALUE_CHARS, mask) + typeName(first) + more;
}

function typeName(value: unknown): string {
  if (typeof value === "string") return " (text)";
  return typeof value === "number" ? " (number)" : "";
}
