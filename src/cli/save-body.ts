import { createWriteStream, renameSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { Call } from "./call.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";
import { endedEarly, readBytes } from "./fetch-from.ts";

/**
 * Writes the exact bytes to a file or stdout. A file appears under its name only when it is whole; a terminal gets only
 * what cannot steer it.
 */
export async function saveBody(call: Call, path: string, file: string | undefined): Promise<void> {
  const { cli, api, say } = call;
  const response = await api.open(path);
  if (file !== undefined && file !== "-") return saveTo(file, response, call);
  const bytes = await readBytes(response, say);
  if (cli.stdout.isTTY && !isPlainText(bytes)) throw new CliError(say.errors.notForTerminals);
  cli.stdout.write(bytes);
  if (cli.stdout.isTTY) cli.stdout.write("\n");
}

async function saveTo(file: string, response: Response, { say, print, cli }: Call): Promise<void> {
  const draft = `${file}.${process.pid}.part`;
  try {
    const body = response.body as ReadableStream<Uint8Array> | null;
    // As private as the API's answers: messages and one-time codes are in there.
    const target = createWriteStream(draft, { mode: 0o600 });
    await pipeline(body ? Readable.fromWeb(body) : Readable.from([]), target, {
      signal: cli.signal,
    });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    const { code, syscall } = error as NodeJS.ErrnoException;
    // Only what comes of the file itself names a call of the system.
    if (syscall === undefined) throw endedEarly(response, error, say);
    throw new CliError(say.errors.notSaved(file, code ?? syscall), EXIT.usage);
  }
  if (print.json) print.value({ file });
  else print.line(say.saved(file));
}

function isPlainText(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return !/[^\P{Cc}\t\r\n]|\p{Bidi_Control}/u.test(text);
  } catch {
    return false;
  }
}
