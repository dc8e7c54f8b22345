import type { StoredCookie } from "../session-pairs/index.ts";

/** What makes a cookie that one and no other. */
export function cookieKey({ name, domain, path, partitionKey }: StoredCookie): string {
  return JSON.stringify([name, domain, path, partitionKey ?? null]);
}

/**
 * Brings what one answer has changed into newer cookies of the same login. `before` are the cookies that its request
 * was sent with, `after` those that it left; what other answers have changed meanwhile stays.
 */
export function mergeCookies(
  before: readonly StoredCookie[],
  after: readonly StoredCookie[],
  newest: readonly StoredCookie[],
): StoredCookie[] {
  const old = new Map(before.map((cookie) => [cookieKey(cookie), JSON.stringify(cookie)]));
  const left = new Set(after.map(cookieKey));
  const merged = new Map(newest.map((cookie) => [cookieKey(cookie), cookie]));
  for (const key of old.keys()) if (!left.has(key)) merged.delete(key);
  for (const cookie of after) {
    const key = cookieKey(cookie);
    if (old.get(key) !== JSON.stringify(cookie)) merged.set(key, cookie);
  }
  return [...merged.values()];
}
