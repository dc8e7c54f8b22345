const OF_A_SOURCE = /^\/kakao\/([^/]+)\/*(?=\/(?:webhook|health|v1\/.*|openclaw\/.*)$)/;

/**
 * A path of the relay as its routes know it, and the source that it names: `/kakao/<slug>/v1/events` is `/v1/events` of
 * that source. An operator gives `https://<app host>/kakao/<slug>` to plugins as the relay's URL; with a slash at its
 * end they call `//health`.
 */
export function readRelayPath(pathname: string): { slug: string | null; path: string } {
  const path = pathname.replace(/^\/{2,}/, "/");
  const [prefix, slug] = OF_A_SOURCE.exec(path) ?? [];
  if (prefix === undefined || slug === undefined) return { slug: null, path };
  const rest = path.slice(prefix.length);
  return { slug: slug.toLowerCase(), path: rest === "/webhook" ? "/kakao/webhook" : rest };
}
