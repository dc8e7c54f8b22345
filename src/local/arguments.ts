import { LocalError } from "./local-error.ts";
import type { Messages } from "./messages.ts";

export type Arguments = { once: boolean; withPortal: boolean; help: boolean };

/** Reads the command line; an unknown word is refused with the usage and exit code 2. */
export function readArguments(words: readonly string[], say: Messages): Arguments {
  const read: Arguments = { once: false, withPortal: false, help: false };
  for (const word of words) {
    if (word === "--once") read.once = true;
    else if (word === "--with-portal") read.withPortal = true;
    else if (word === "--help" || word === "-h") read.help = true;
    else throw new LocalError(say.unknownArgument(word), 2);
  }
  if (read.once && read.withPortal) {
    throw new LocalError(say.notTogether("--once", "--with-portal"), 2);
  }
  return read;
}
