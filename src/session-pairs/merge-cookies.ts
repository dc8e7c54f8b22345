import type { StoredCookie } from "./snapshot.ts";

/**
 * The newest cookies of a login with what one answer changed: `before` is what its request was sent with, `after` what
 * the answer left. A slow answer thus changes only what it was about, and not what others have written meanwhile.
 */
export function mergeCookies(
  newest: StoredCookie[],
  before: StoredCookie[],
  after: StoredCookie[],
): StoredCookie[] {
  const sent = new Map(before.map((cookie) => [keyOf(cookie), cookie]));
  const left = new Map(after.map((cookie) => [keyOf(cookie), cookie]));
  const merged = new Map(newest.map((cookie) => [keyOf(cookie), cookie]));
  for (const [key, cookie] of left) {
    if (JSON.stringify(cookie) !== JSON.stringify(sent.get(key))) merged.set(key, cookie);
  }
  for (const key of sent.keys()) {
    if (!left.has(key)) merged.delete(key);
  }
  return [...merged.values()];
}

const keyOf = ({ name, domain, path, partitionKey }: StoredCookie) =>
  JSON.stringify([name, domain, path, partitionKey ?? null]);
