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
  one(thing: object): void;
  value(value: unknown): void;
  paint(style: Style, text: string): string;
};

export function createPrinter(cli: Cli, json: boolean, colour: boolean): Printer {
  const { stdout } = cli;
  const line = (text: string) => void stdout.write(`${text}\n`);
  const value = (it: unknown) => line(JSON.stringify(it, null, 2));
  const painted = colour && hasColour(stdout.isTTY, cli.env);
  const paint = (style: Style, text: string) =>
    painted ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
  return {
    json,
    line,
    note: (text) => {
      if (!json) line(text);
    },
    list: (items, columns) => {
      if (json) return value(items);
      const [titles = "", ...rows] = layOut(items, columns);
      for (const text of [paint("bold", titles), ...rows]) line(text);
    },
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
