import type { SocketWish } from "./rpc.ts";

/** Writes a wish as the query of an upgrade. */
export function toQuery(wish: SocketWish): URLSearchParams {
  const query = new URLSearchParams({ wish: JSON.stringify(wish) });
  return query;
}

/** Reads it back. Only the app Worker writes it, so it is taken at its word. */
export function fromQuery(query: URLSearchParams): SocketWish {
  return JSON.parse(query.get("wish") ?? "{}") as SocketWish;
}
