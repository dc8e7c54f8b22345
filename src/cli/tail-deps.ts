import type { Writable } from "node:stream";
import type { Language } from "../local/language.ts";

/** Where the API is, as `https://host`, and the key to it. */
export type Api = { url: string; key: string };

/** A stream of this process; a terminal knows its width. */
export type Output = Writable & { isTTY?: boolean; columns?: number };

/** What the commands of the tail have from the program. */
export type TailDeps = {
  /** Throws what the program explains when nothing says where the API is. */
  resolveApi(): Promise<Api>;
  language: Language;
  stdout: Output;
  stderr: Output;
};
