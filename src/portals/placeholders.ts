/** What stands in braces and looks like a name: `{password}`, `{extra.branch}`. */
const PLACEHOLDER = /\{([A-Za-z]+(?:\.[A-Za-z0-9_]+)?)\}/g;

/** Words that are filled in somewhere; before the dot. */
const WORDS = ["base", "username", "password", "phone", "extra", "code", "value"] as const;

/** Where a text of a definition stands says what may be filled in. */
export type Place = "typed" | "code" | "header" | "text";
const ALLOWED: Record<Place, readonly string[]> = {
  typed: ["base", "username", "password", "phone", "extra"],
  code: ["base", "username", "password", "phone", "extra", "code"],
  header: ["base", "value"],
  text: ["base"],
};

/** Names in braces, without them, e.g. `extra.branch`. */
export function placeholdersIn(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, name]) => name ?? []);
}

/** What is wrong with a placeholder at its place; null: nothing. */
export function placeholderProblem(name: string, place: Place): string | null {
  const [word = "", inner] = name.split(".");
  const takesName = word === "extra" || word === "value";
  const isKnown =
    (WORDS as readonly string[]).includes(word) && takesName === (inner !== undefined);
  // In a selector or a marker such a text may be the page's own.
  if (!isKnown) return place === "text" ? null : `\`{${name}}\` is nothing that is filled in`;
  if (ALLOWED[place].includes(word)) return null;
  return `\`{${name}}\` is filled in ${whereFilledIn(word)} only`;
}

function whereFilledIn(word: string): string {
  if (word === "code") return "what the steps of `login.code.steps` type";
  return word === "value" ? "headers of requests" : "what steps type";
}
