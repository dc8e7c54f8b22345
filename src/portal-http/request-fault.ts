import { isAllowedUrl } from "../portals/index.ts";
import type { PortalDefinition } from "../portals/schemas.ts";
import { isSendable } from "./filled-headers.ts";
import type { SiteRequest } from "./site-request.ts";

const METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Why a caller's request cannot be sent to the portal, by field and with what to do; null: it can. */
export function requestFault(
  definition: PortalDefinition,
  { method, url: text, headers, body }: SiteRequest,
): { field: string; message: string } | null {
  if (!METHODS.includes(method.toUpperCase())) {
    return { field: "method", message: `is none of ${METHODS.join(", ")}` };
  }
  const url = URL.parse(text);
  if (!url) return { field: "url", message: "is not a URL; write it whole, or give `path`" };
  if (url.username !== "" || url.password !== "") {
    return { field: "url", message: "holds a user name; the session logs in by its own" };
  }
  if (!isAllowedUrl(definition.origins, text)) {
    const known = definition.origins.join(", ");
    return { field: "url", message: `is on an origin that the portal does not have: ${known}` };
  }
  if (body && body.byteLength > 0 && ["GET", "HEAD"].includes(method.toUpperCase())) {
    return { field: "body", message: `cannot be sent with ${method}` };
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name))
      return { field: "headers", message: `\`${name}\` is no header name` };
    if (!isSendable(value)) {
      const message = "holds more than printable ASCII; encode it";
      return { field: `headers.${name}`, message };
    }
  }
  return null;
}
