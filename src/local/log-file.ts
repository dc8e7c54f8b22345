import { appendFileSync, existsSync, renameSync, statSync } from "node:fs";
import { MAX_LOG_BYTES } from "./constants.ts";

export type LogFile = {
  path: string;
  /** Gives the line without its secrets, as it was written. */
  write: (line: string) => string;
};

/** A file of lines that never grows beyond twice `MAX_LOG_BYTES`; `clean` takes secrets out of each line. */
export function openLogFile(path: string, clean: (line: string) => string): LogFile {
  let size = existsSync(path) ? statSync(path).size : 0;
  return {
    path,
    write(line) {
      const cleaned = clean(line);
      const text = `${cleaned}\n`;
      if (size + text.length > MAX_LOG_BYTES) {
        renameSync(path, `${path}.1`);
        size = 0;
      }
      appendFileSync(path, text, { mode: 0o600 });
      size += Buffer.byteLength(text);
      return cleaned;
    },
  };
}
