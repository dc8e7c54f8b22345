import type { Readable } from "node:stream";
import type { Texts } from "./texts.ts";

/** A stream that may be a terminal. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
export type Input = Readable & { isTTY?: boolean };

/** The process that a command runs in. */
export type Cli = {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The clone that the command runs from; undefined when it was packed. */
  clone?: string;
  stdin: Input;
  stdout: Output;
  stderr: Output;
  say: Texts;
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal;
};
