import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Position } from "./listen-cursor.ts";
import { defaultCheckpoint } from "./tail-paths.ts";

const State = z.object({
  version: z.literal(1),
  url: z.string(),
  name: z.string(),
  sourceId: z.string(),
  cursor: z
    .string()
    .regex(/^evt_[0-9a-z]{26}$/)
    .nullable(),
  floor: z
    .string()
    .regex(/^evt_[0-9a-z]{26}$/)
    .nullable(),
});

/** Whose place it is: one file for each source that a listener takes. */
export type Place = { url: string; name: string; sourceId: string };

/** `$XDG_STATE_HOME/baton/listen/<hash>.json`, beside the tail's checkpoint. */
export function stateFileOf(env: NodeJS.ProcessEnv, { url, name, sourceId }: Place): string {
  const hash = createHash("sha256").update([url, name, sourceId].join("\n")).digest("hex");
  return join(dirname(defaultCheckpoint(env)), "listen", `${hash.slice(0, 16)}.json`);
}

/** Where it stopped; undefined before its first start, `"broken"` when that cannot be read. */
export function loadPosition(file: string): Position | undefined | "broken" {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "broken";
  }
  try {
    const { cursor, floor } = State.parse(JSON.parse(text));
    return { cursor, floor };
  } catch {
    return "broken";
  }
}

/** Writes it at once or not at all. */
export function savePosition(file: string, place: Place, position: Position): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.tmp`;
  const out = openSync(draft, "w", 0o600);
  try {
    writeSync(out, `${JSON.stringify({ version: 1, ...place, ...position })}\n`);
    fsyncSync(out);
  } finally {
    closeSync(out);
  }
  renameSync(draft, file);
}
