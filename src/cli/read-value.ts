import { createReadStream } from "node:fs";
import { addAbortSignal, type Readable } from "node:stream";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { MAX_INPUT_BYTES } from "./constants.ts";
import { EXIT } from "./exit-codes.ts";

/** The bytes that `TEXT`, `@file` or `-` (stdin) stand for. */
export async function readBytes(cli: Cli, value: string): Promise<Uint8Array<ArrayBuffer>> {
  if (value === "-") return readStream(cli, cli.stdin, value);
  if (!value.startsWith("@")) return new Uint8Array(Buffer.from(value));
  const path = value.slice(1);
  return readStream(cli, createReadStream(path), path);
}

/** Text of another charset is refused: read as UTF-8 it would be other text, and nobody would see it. */
export async function readText(cli: Cli, value: string): Promise<string> {
  const bytes = await readBytes(cli, value);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new CliError(cli.say.errors.notUtf8(value === "-" ? value : value.slice(1)));
  }
}

/** The JSON of an option, e.g. `--match`. */
export async function readJsonOption(cli: Cli, option: string, value: string): Promise<unknown> {
  const text = await readText(cli, value);
  try {
    return JSON.parse(text);
  } catch {
    throw new CliError(cli.say.errors.notJson(option));
  }
}

/** `--data`: what the other options do not say, and what they do not know. */
export async function readData(
  cli: Cli,
  value: string | undefined,
): Promise<Record<string, unknown>> {
  if (value === undefined) return {};
  const data = await readJsonOption(cli, "--data", value);
  if (data && typeof data === "object" && !Array.isArray(data)) return { ...data };
  throw new CliError(cli.say.errors.notAnObject("--data"));
}

/** A whole number of an option. */
export function readCount(
  cli: Cli,
  option: string,
  text: string,
  min: number,
  max: number,
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new CliError(cli.say.errors.notANumber(option, min, max));
}

/** The number of an option that may be left out. */
export function readCountGiven(
  cli: Cli,
  option: string,
  text: string | undefined,
  min: number,
  max: number,
): number | undefined {
  return text === undefined ? undefined : readCount(cli, option, text, min, max);
}

async function readStream(
  { signal, say }: Cli,
  stream: Readable,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Buffer>) {
      chunks.push(Buffer.from(chunk));
      size += chunk.length;
      if (size > MAX_INPUT_BYTES) break;
    }
  } catch (error) {
    if (signal.aborted) throw new CliError(say.errors.interrupted, EXIT.interrupted);
    throw new CliError(
      say.errors.unreadableFile(name, (error as NodeJS.ErrnoException).code ?? ""),
    );
  }
  if (size > MAX_INPUT_BYTES) throw new CliError(say.errors.tooLarge(name, MAX_INPUT_BYTES));
  return new Uint8Array(Buffer.concat(chunks));
}
