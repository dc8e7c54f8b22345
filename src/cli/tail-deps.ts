import type { Command } from "commander";
import type { Language } from "../local/language.ts";

/** Where the API is, as `https://host`, and the key to it. */
export type Api = { url: string; key: string };

/** A stream of this process; a terminal knows its width. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** What the commands of the tail have from the program. */
export type TailDeps = {
  /** Of what stands on the command line, too. Throws what the program explains when nothing says where the API is. */
  resolveApi(command: Command): Promise<Api>;
  language: Language;
  stdout: Output;
  stderr: Output;
  /** Aborted by SIGTERM, SIGINT and SIGHUP; at the second of them the program ends the process. */
  signal: AbortSignal;
  /** Told the exit code, as the last thing that happens; may throw. */
  exit(code: number): void;
};

/** The same, for one command line. */
export type TailCall = Omit<TailDeps, "resolveApi" | "exit"> & { resolveApi(): Promise<Api> };
