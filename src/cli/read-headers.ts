import { CliError } from "./cli-error.ts";
import type { Texts } from "./texts.ts";

/** `--header 'name: value'`, as curl takes them. What cannot be read is not shown: it may be a key. */
export function readHeaders(lines: readonly string[], say: Texts): [string, string][] {
  return lines.map((line) => {
    const found = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\P{Cc}]*)$/u.exec(line);
    if (!found) throw new CliError(say.errors.badHeader);
    return [found[1] ?? "", found[2] ?? ""];
  });
}
