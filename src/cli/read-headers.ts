import { CliError } from "./cli-error.ts";
import type { Texts } from "./texts.ts";

/** `--header 'name: value'`, as curl takes them. */
export function readHeaders(lines: readonly string[], say: Texts): [string, string][] {
  return lines.map((line) => {
    const found = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(line);
    if (!found) throw new CliError(say.errors.badHeader(line));
    return [found[1] ?? "", found[2] ?? ""];
  });
}
