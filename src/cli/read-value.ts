import { readFileSync } from "node:fs";
import { addAbortSignal } from "node:stream";
import type { Cli } from "./cli.ts";
import { CliError } from "./cli-error.ts";
import { EXIT } from "./exit-codes.ts";

/** The bytes that `TEXT`, `@file` or `-` (stdin) stand for. */
export async function readBytes(cli: Cli, value: string): Promise<Uint8Array<ArrayBuffer>> {
  if (value === "-") return readStdin(cli);
  if (!value.startsWith("@")) return new Uint8Array(Buffer.from(value));
  const path = value.slice(1);
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? "";
    throw new CliError(cli.say.errors.unreadableFile(path, why));
  }
}

export async function readText(cli: Cli, value: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(cli, value));
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

async function readStdin({ stdin, signal, say }: Cli): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of addAbortSignal(signal, stdin) as AsyncIterable<Buffer>) {
      chunks.push(Buffer.from(chunk));
    }
  } catch (error) {
    if (signal.aborted) throw new CliError(say.errors.interrupted, EXIT.interrupted);
    throw new CliError(say.errors.unreadableFile("-", (error as NodeJS.ErrnoException).code ?? ""));
  }
  return new Uint8Array(Buffer.concat(chunks));
}
