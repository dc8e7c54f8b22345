import { printable } from "../local/printable.ts";
import { MAX_CELL_CHARS } from "./constants.ts";

export type Column<T> = { title: string; of: (item: T) => unknown };

/** Columns that a text takes on a terminal: a Korean syllable, a Han character or an emoji takes two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) {
    // Besides marks: the vowels and finals of a syllable that is written in parts, as macOS names files.
    if (!/[\p{M}\u1160-\u11ff\ud7b0-\ud7ff]/u.test(char)) width += isWide(char) ? 2 : 1;
  }
  return width;
}

/** The beginning of a text that takes at most so many columns. */
export function cutToWidth(text: string, columns: number): string {
  let cut = "";
  let width = 0;
  for (const char of text) {
    width += widthOf(char);
    if (width > columns) break;
    cut += char;
  }
  return cut;
}

function isWide(char: string): boolean {
  return /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u.test(
    char,
  );
}

/** A value as one line that is safe for a terminal; nothing is `-`, so that every row has every column. */
export function cellOf(value: unknown, maxChars = MAX_CELL_CHARS): string {
  if (value === null || value === undefined || value === "") return "-";
  if (Array.isArray(value) && value.every((part) => typeof part === "string")) {
    return cellOf(value.join(","), maxChars);
  }
  return printable(typeof value === "string" ? value : JSON.stringify(value), maxChars) || "-";
}

export type Table = { titles: string; rows: string[]; widths: number[] };

/** Lines of equal columns, two spaces apart, at least as wide as those of what stands above. */
export function layOut<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  above: readonly number[] = [],
): Table {
  const titles = columns.map(({ title }) => title);
  const rows = items.map((item) => columns.map(({ of }) => cellOf(of(item))));
  const widths = columns.map((_, i) =>
    Math.max(above[i] ?? 0, ...[titles, ...rows].map((row) => widthOf(row[i] ?? ""))),
  );
  const lineOf = (row: readonly string[]) =>
    row
      .map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd();
  return { titles: lineOf(titles), rows: rows.map(lineOf), widths };
}

/** `name  value` lines of one thing, its fields in the API's order. */
export function describe(thing: object): string[] {
  const rows = Object.entries(thing);
  const width = Math.max(0, ...rows.map(([name]) => widthOf(name)));
  return rows.map(
    ([name, value]) =>
      `${name}${" ".repeat(width - widthOf(name))}  ${cellOf(value, Number.POSITIVE_INFINITY)}`,
  );
}
