import type { StreamOptions } from "./options.ts";
import type { TransportName } from "./transport.ts";

/** Makes the addresses of a stream's connections. Throws a TypeError for options that lead nowhere. */
export function createAddress(options: StreamOptions) {
  const base = new URL(options.url);
  if (base.protocol !== "http:" && base.protocol !== "https:") {
    throw new TypeError(`url: ${base.protocol} is not http: or https:`);
  }
  const pathOf = paths(options, base);
  return (transport: TransportName, since: string | undefined): URL => {
    const url = new URL(pathOf(transport), base);
    if (since !== undefined) url.searchParams.set("since", since);
    if (options.slow !== undefined) url.searchParams.set("slow", options.slow);
    return url;
  };
}

function paths({ channel, path }: StreamOptions, base: URL): (transport: TransportName) => string {
  if ((channel === undefined) === (path === undefined)) {
    throw new TypeError("Give either a channel or a path.");
  }
  if (channel !== undefined) return (transport) => channelPath(channel, transport);
  // The token must not go elsewhere.
  if (!path?.startsWith("/") || new URL(path, base).origin !== base.origin) {
    throw new TypeError("path: must begin with / and stay on the host of url");
  }
  return () => path;
}

export function channelPath(channel: string, action: string): string {
  return `/api/v1/channels/${encodeURIComponent(channel)}/${action}`;
}
