import { fromBase64 } from "../crypto.ts";
import { isReservedHeader } from "../destinations/index.ts";
import { BatonError, type FieldError } from "../errors.ts";
import { isAllowedUrl, siteUrl } from "../portals/index.ts";
import type { RelayRequest } from "../session-pairs/index.ts";
import { WAIT_MS } from "./constants.ts";
import type { PortalRequest } from "./schemas.ts";

const SESSION_HEADERS = new Set(["cookie", "cookie2", "authorization", "proxy-authorization"]);

/** The request as a session sends it. 422 with every field that is wrong. */
export function readRequest(
  input: PortalRequest,
  { baseUrl, origins }: { baseUrl: string; origins: readonly string[] },
): RelayRequest {
  const url = siteUrl(baseUrl, input.url ?? input.path ?? "");
  const errors = [
    ...addressProblems(input, url, origins),
    ...bodyProblems(input),
    ...Object.keys(input.headers ?? {}).flatMap(headerProblems),
  ];
  if (errors.length > 0 || url === null) {
    const detail = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
    throw new BatonError("refused", detail, { errors });
  }
  const headers = Object.entries(input.headers ?? {});
  return {
    method: input.method,
    url: url.split("#", 1)[0] ?? url,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: bodyOf(input),
    waitMs: input.waitMs ?? WAIT_MS.default,
    idempotencyKey: input.idempotencyKey ?? null,
  };
}

function addressProblems(
  input: PortalRequest,
  url: string | null,
  origins: readonly string[],
): FieldError[] {
  if ((input.url === undefined) === (input.path === undefined)) {
    return [{ path: "url", message: "give either `url` or `path`" }];
  }
  const path = input.url === undefined ? "path" : "url";
  // A path has no scheme: what looks like a whole URL there is a mistake, or a trick.
  const isRight = path === "path" ? input.path?.startsWith("/") : URL.canParse(input.url ?? "");
  if (!isRight) {
    return path === "path"
      ? [{ path, message: "begins with a slash; give a whole address as `url`" }]
      : [{ path, message: "is no whole URL; give what begins with a slash as `path`" }];
  }
  if (url !== null && isAllowedUrl(origins, url)) return [];
  return [
    { path, message: `is on no origin of the portal; its definition allows ${origins.join(", ")}` },
  ];
}

function bodyProblems({ method, body, bodyBase64 }: PortalRequest): FieldError[] {
  if (body !== undefined && bodyBase64 !== undefined) {
    return [{ path: "bodyBase64", message: "give either `body` or `bodyBase64`" }];
  }
  if (!["GET", "HEAD"].includes(method) || (body ?? bodyBase64) === undefined) return [];
  const path = body === undefined ? "bodyBase64" : "body";
  return [{ path, message: `is not sent with ${method}; remove it` }];
}

function headerProblems(name: string): FieldError[] {
  const lower = name.toLowerCase();
  const path = `headers.${name}`;
  if (SESSION_HEADERS.has(lower)) {
    return [{ path, message: "is the session's own; remove it, or have the definition send it" }];
  }
  if (lower === "idempotency-key") {
    return [{ path, message: "give it as `idempotencyKey`" }];
  }
  if (isReservedHeader(lower) || lower === "set-cookie") {
    return [{ path, message: "belongs to the connection, not to the request; remove it" }];
  }
  return [];
}

function bodyOf({ body, bodyBase64 }: PortalRequest): Uint8Array<ArrayBuffer> | null {
  if (bodyBase64 !== undefined) return fromBase64(bodyBase64);
  return body === undefined ? null : new Uint8Array(new TextEncoder().encode(body));
}
