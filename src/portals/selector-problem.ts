/*
 * Enough of https://www.w3.org/TR/selectors-4/#grammar to know what no browser takes. What is in doubt passes: names of
 * pseudo-classes and what stands in their parentheses are the browser's to know. As there, the end closes what is open.
 */
const ESCAPE = String.raw`\\(?:[0-9a-fA-F]{1,6}\s?|[^\n\r\f0-9a-fA-F])`;
const START = String.raw`(?:[A-Za-z_]|[^\x00-\x7f]|${ESCAPE})`;
const CHAR = String.raw`(?:[\w-]|[^\x00-\x7f]|${ESCAPE})`;
const IDENT = `(?:--${CHAR}*|-?${START}${CHAR}*)`;
const STRING = String.raw`(?:"(?:[^"\\\n\r\f]|\\[\s\S])*(?:"|$)|'(?:[^'\\\n\r\f]|\\[\s\S])*(?:'|$))`;
const SPACE = String.raw`(?:\s|/\*[\s\S]*?(?:\*/|$))*`;

const at = (source: string) => new RegExp(source, "uy");
const SKIP = at(SPACE);
const COMBINATOR = at(String.raw`(?:>|\+|~|,)`);
const TYPE = at(String.raw`(?:(?:${IDENT}|\*)?\|(?!\|))?(?:${IDENT}|\*)|&`);
const PART = at(`[#.]${IDENT}`);
const ATTRIBUTE = at(
  String.raw`\[${SPACE}(?:(?:${IDENT}|\*)?\|)?${IDENT}${SPACE}(?:[~|^$*]?=${SPACE}(?:${IDENT}|${STRING})${SPACE}(?:[A-Za-z]${SPACE})?)?(?:\]|$)`,
);
const PSEUDO = at(`::?(${IDENT})(\\()?`);
/** Inside parentheses. */
const INNER = at(String.raw`${STRING}|${ESCAPE}|/\*[\s\S]*?(?:\*/|$)|[^"'\\]`);

/** Of jQuery and test tools; browsers have never had them. */
const FOREIGN = new Set([
  "contains",
  "visible",
  "hidden",
  "eq",
  "first",
  "last",
  "has-text",
  "text",
]);

/** Why no browser can read a selector; null: it may. Time is linear in the text. */
export function selectorProblem(selector: string): string | null {
  let index = skip(selector, 0);
  for (;;) {
    const compound = readCompound(selector, index);
    if (typeof compound === "string") return compound;
    const after = skip(selector, compound.end);
    if (after >= selector.length) return null;
    const combinator = match(COMBINATOR, selector, after);
    index = combinator === null ? after : skip(selector, combinator.end);
    if (combinator === null && after === compound.end) return unreadable(selector, after);
    if (index >= selector.length) return "ends where another part should follow";
  }
}

/** One element's part of a selector, e.g. `form#login[method=post]`. */
function readCompound(text: string, begin: number): { end: number } | string {
  let end = match(TYPE, text, begin)?.end ?? begin;
  for (;;) {
    const part = match(PART, text, end) ?? match(ATTRIBUTE, text, end);
    if (part) {
      end = part.end;
      continue;
    }
    const pseudo = match(PSEUDO, text, end);
    if (!pseudo) break;
    const [, name = "", opens] = pseudo.found;
    if (FOREIGN.has(name.toLowerCase())) {
      return `\`:${name}\` is none of CSS; browsers cannot read it`;
    }
    const closed = opens ? readParentheses(text, pseudo.end) : pseudo.end;
    if (closed === null) return unreadable(text, end);
    end = closed;
  }
  return end === begin ? unreadable(text, begin) : { end };
}

/** Behind the parenthesis that closes; null: something in it cannot stand there. */
function readParentheses(text: string, begin: number): number | null {
  const open = [")"];
  let end = begin;
  while (end < text.length) {
    const char = text[end] ?? "";
    if (char === open.at(-1)) {
      open.pop();
      end += 1;
      if (open.length === 0) return end;
      continue;
    }
    if (char === ")" || char === "]" || char === "}") return null;
    const inner = match(INNER, text, end);
    if (!inner) return null;
    if (char === "(") open.push(")");
    if (char === "[") open.push("]");
    if (char === "{") open.push("}");
    end = inner.end;
  }
  return end;
}

function skip(text: string, begin: number): number {
  return match(SKIP, text, begin)?.end ?? begin;
}

function match(regex: RegExp, text: string, begin: number) {
  regex.lastIndex = begin;
  const found = regex.exec(text);
  return found && { found, end: begin + found[0].length };
}

function unreadable(text: string, index: number): string {
  const rest = text.slice(index, index + 20);
  return rest === "" ? "is empty" : `is no CSS selector: nothing can begin with \`${rest}\` there`;
}
