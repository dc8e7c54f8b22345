/** Under these Kakao takes answers; their own names are nobody's. */
const DOMAINS = [".kakao.com", ".kakaocdn.net", ".kakaoenterprise.com"];

/**
 * The URL, when answers may go there: https below Kakao's domains, on any port, or one of the origins that a local
 * session allows. Else null.
 */
export function readCallbackUrl(text: string, origins: readonly string[]): URL | null {
  const url = URL.parse(text);
  if (!url || url.username !== "" || url.password !== "") return null;
  if (origins.includes(url.origin)) return url;
  if (url.protocol !== "https:") return null;
  return DOMAINS.some((domain) => url.hostname.endsWith(domain)) ? url : null;
}
