export const CURSOR_PATTERN = /^0[0-9a-z]{9}$/;

/**
 * A position of a live stream: everything that was stored before this time (ms UTC) has been shown. Opaque to readers,
 * and never a word that `since` knows.
 */
export function formatCursor(timeMs: number): string {
  return Math.max(0, Math.floor(timeMs)).toString(36).padStart(10, "0");
}

/** Null for `latest`; 0 for `all`. */
export function readCursor(since: string | undefined, now: number): number | null {
  if (since === undefined || since === "latest") return null;
  if (since === "all") return 0;
  return Math.min(now, Number.parseInt(since, 36));
}
