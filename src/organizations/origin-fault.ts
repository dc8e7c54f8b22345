/** Says why a text is no origin as browsers send it, and how to mend it; null when it is one. */
export function originFault(text: string): string | null {
  const url = URL.parse(text);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:") || text.includes("*")) {
    return "is no origin; write scheme and host, with the port if it is unusual: https://app.example.org";
  }
  return url.origin === text ? null : `is not as browsers send it; write ${url.origin}`;
}
