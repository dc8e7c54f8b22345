/**
 * The origins that a variable lists, separated by commas or spaces; a slash at an origin's end means nothing. Null when
 * one of them is none, as a URL with a path.
 */
export function readOrigins(text: string): string[] | null {
  const urls = text
    .split(/[\s,]+/)
    .filter((one) => one !== "")
    .map((one) => ({ one, url: URL.parse(one) }));
  const origins = urls.flatMap(({ one, url }) =>
    url && /^https?:$/.test(url.protocol) && [url.origin, `${url.origin}/`].includes(one)
      ? [url.origin]
      : [],
  );
  return origins.length === urls.length ? origins : null;
}
