import type { Output } from "./cli.ts";
import { PROGRESS_EVERY_ROWS } from "./constants.ts";
import { cutToWidth } from "./table.ts";

export type Progress = { show(text: string, count?: number): void; end(): void };

/** Says on stderr how far a long work is: a line that changes on a terminal, elsewhere a line now and then. */
export function createProgress(stderr: Output): Progress {
  let shown = "";
  let nextRow = PROGRESS_EVERY_ROWS;
  return {
    show(text, count) {
      if (stderr.isTTY) {
        // A line that wraps could not be taken back.
        if (text !== shown)
          stderr.write(`\r\u001b[K${cutToWidth(text, (stderr.columns || 80) - 1)}`);
      } else if (count === undefined ? text !== shown : count >= nextRow) {
        stderr.write(`${text}\n`);
        if (count !== undefined) nextRow = count + PROGRESS_EVERY_ROWS;
      }
      shown = text;
    },
    end() {
      if (stderr.isTTY && shown) stderr.write("\r\u001b[K");
      shown = "";
    },
  };
}
