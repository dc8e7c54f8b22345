import type { IncomingMessage, ServerResponse } from "node:http";

/** What a handler gives; `null` body: none. */
export type Answer = {
  status: number;
  body: string | Uint8Array | Record<string, unknown> | null;
  headers?: Record<string, string>;
  cookies?: string[];
};

/** One request, its body read. */
export type Asked = {
  method: string;
  url: URL;
  headers: IncomingMessage["headers"];
  cookies: Map<string, string>;
  body: string;
};

export const html = (status: number, body: string, cookies: string[] = []): Answer => ({
  status,
  body,
  cookies,
});
export const json = (status: number, body: Record<string, unknown>): Answer => ({ status, body });
export const redirect = (location: string, cookies: string[] = []): Answer => ({
  status: 302,
  body: null,
  headers: { location },
  cookies,
});

export function write(response: ServerResponse, { status, body, headers, cookies }: Answer): void {
  const bytes =
    body === null || typeof body === "string" || body instanceof Uint8Array
      ? body
      : JSON.stringify(body);
  const type =
    typeof body === "string"
      ? "text/html; charset=utf-8"
      : body instanceof Uint8Array
        ? "application/octet-stream"
        : "application/json; charset=utf-8";
  response.writeHead(status, {
    ...(body === null ? {} : { "content-type": type }),
    "cache-control": "no-store",
    ...headers,
    ...(cookies && cookies.length > 0 ? { "set-cookie": cookies } : {}),
  });
  response.end(bytes ?? undefined);
}

export function readCookies(header: string | undefined): Map<string, string> {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim().split("="));
  return new Map(pairs.flatMap(([name, value]) => (name && value ? [[name, value] as const] : [])));
}

export function cookie(
  name: string,
  value: string,
  { maxAge, readable = false }: { maxAge?: number; readable?: boolean } = {},
): string {
  const age = maxAge === undefined ? "" : `; Max-Age=${maxAge}`;
  return `${name}=${value}; Path=/; SameSite=Lax${readable ? "" : "; HttpOnly"}${age}`;
}
