import type { Cli } from "./cli.ts";
import { type Column, describe, layOut } from "./table.ts";

const CODES = { bold: 1, red: 31, green: 32, yellow: 33, dim: 2 } as const;
type Style = keyof typeof CODES;

/** What a command prints: for people, or with `--json` what the API answered. */
export type Printer = {
  json: boolean;
  line(text: string): void;
  /** Only for people. */
  note(text: string): void;
  list<T>(items: readonly T[], columns: readonly Column<T>[]): void;
  /** A list that comes in parts: none of it is kept. */
  openList<T>(columns: readonly Column<T>[]): { add(items: readonly T[]): void; end(): void };
  one(thing: object): void;
  value(value: unknown): void;
  paint(style: Style, text: string): string;
};

export function createPrinter(cli: Cli, json: boolean, colour: boolean): Printer {
  const { stdout } = cli;
  const line = (text: string) => void stdout.write(`${text}\n`);
  const value = (it: unknown) => line(jsonOf(it, 2));
  const painted = colour && hasColour(stdout.isTTY, cli.env);
  const paint = (style: Style, text: string) =>
    painted ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  const openTable = <T>(columns: readonly Column<T>[]) => {
    let widths: number[] | undefined;
    const add = (items: readonly T[]) => {
      const isFirst = widths === undefined;
      const table = layOut(items, columns, widths);
      widths = table.widths;
      if (isFirst) line(paint("bold", table.titles));
      for (const row of table.rows) line(row);
    };
    return { add, end: () => {} };
  };
  const openArray = () => {
    let count = 0;
    const add = (items: readonly unknown[]) => {
      for (const item of items) {
        const text = jsonOf(item, 2).replaceAll("\n", "\n  ");
        stdout.write(`${count++ === 0 ? "[" : ","}\n  ${text}`);
      }
    };
    return { add, end: () => line(count === 0 ? "[]" : "\n]") };
  };
  const openList = <T>(columns: readonly Column<T>[]) => (json ? openArray() : openTable(columns));
  return {
    json,
    line,
    note: (text) => {
      if (!json) line(text);
    },
    list: (items, columns) => {
      const list = openList(columns);
      list.add(items);
      list.end();
    },
    openList,
    one: (thing) => {
      if (json) return value(thing);
      for (const text of describe(thing)) line(text);
    },
    value,
    paint,
  };
}

/** Colours are for terminals, and for people who want them (https://no-color.org). */
export function hasColour(isTTY: boolean | undefined, env: NodeJS.ProcessEnv): boolean {
  return isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

/**
 * JSON that is safe for a terminal: control characters above ASCII and direction marks of a stranger's text are
 * escaped, as JSON itself does with those of ASCII.
 */
export function jsonOf(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029]|\p{Bidi_Control}/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
