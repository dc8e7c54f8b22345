import type { PortalDefinition } from "../portals/schemas.ts";
import type { Snapshot, StoredCookie } from "../session-pairs/index.ts";

/**
 * What a definition's `values` find in cookies and storage, by name. What is not there is left out, and so is what
 * only a page shows (`element`).
 */
export function valuesFrom(
  { values, origins }: Pick<PortalDefinition, "values" | "origins">,
  { cookies, storage }: Pick<Snapshot, "cookies" | "storage">,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const text =
      value.from === "cookie"
        ? cookieNamed(value.name, cookies, origins)
        : value.from === "element"
          ? undefined
          : storedAs(value.name, value.from === "localStorage" ? "local" : "session", storage);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

/** The values that a request carries now. A cookie that an answer has changed since the login counts as it is now. */
export function valuesOf(definition: PortalDefinition, snapshot: Snapshot): Record<string, string> {
  return {
    ...snapshot.values,
    ...valuesFrom(definition, { cookies: snapshot.cookies, storage: [] }),
  };
}

/** Of several the newest, of those on the hosts of the portal's origins rather than anywhere else. */
function cookieNamed(
  name: string,
  cookies: StoredCookie[],
  origins: readonly string[],
): string | undefined {
  const named = cookies.filter((cookie) => cookie.name === name);
  const hosts = origins.flatMap((origin) => URL.parse(origin)?.hostname ?? []);
  const own = named.findLast(({ domain }) =>
    hosts.some(
      (host) => host === domain || (domain.startsWith(".") && `.${host}`.endsWith(domain)),
    ),
  );
  return (own ?? named.at(-1))?.value;
}

function storedAs(
  name: string,
  area: "local" | "session",
  storage: Snapshot["storage"],
): string | undefined {
  for (const entry of storage) {
    const stored = entry[area].find(([key]) => key === name);
    if (stored) return stored[1];
  }
  return undefined;
}
