import { CliError } from "./cli-error.ts";
import type { Texts } from "./texts.ts";

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `2h` (ago) or a time as RFC 3339; with no zone it is this machine's. Gives RFC 3339 in UTC. */
export function readTime(text: string, option: string, now: number, say: Texts): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  const at = ago
    ? now - Number(ago[1]) * UNIT_MS[ago[2] as keyof typeof UNIT_MS]
    : /^\d{4}-\d\d-\d\d/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  if (Number.isNaN(at)) throw new CliError(say.errors.badTime(option, text));
  return new Date(at).toISOString();
}

/** `--from` and `--to`. */
export function readTimes(say: Texts, { from, to }: { from?: string; to?: string }) {
  const now = Date.now();
  return {
    from: from === undefined ? undefined : readTime(from, "--from", now, say),
    to: to === undefined ? undefined : readTime(to, "--to", now, say),
  };
}
