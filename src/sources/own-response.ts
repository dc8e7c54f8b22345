import { z } from "zod";
import {
  MAX_RESPONSE_BODY_BYTES,
  MAX_RESPONSE_HEADER_CHARS,
  MAX_RESPONSE_HEADERS,
} from "./constants.ts";

/** Statuses whose responses have no body (RFC 9110); the platform refuses to send one. */
const BODILESS_STATUSES = new Set([204, 205, 304]);

/** Headers that the connection decides, not the answer. */
const CONNECTION_HEADERS = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "date",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Headers that act on the whole host or domain, which sources share with each other and with the app. */
const SHARED_HOST_HEADERS = new Set([
  "alt-svc",
  "clear-site-data",
  "nel",
  "public-key-pins",
  "report-to",
  "service-worker-allowed",
  "set-cookie",
  "strict-transport-security",
]);

const HeaderName = z
  .string()
  .max(100)
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is no header name")
  .refine(
    (name) => !CONNECTION_HEADERS.has(name.toLowerCase()),
    "is set by the platform; remove it",
  )
  .refine(
    (name) => !SHARED_HOST_HEADERS.has(name.toLowerCase()),
    "would act beyond this source; remove it",
  )
  .refine((name) => !name.toLowerCase().startsWith("x-baton-"), "is set by Baton; remove it");

const HeaderValue = z
  .string()
  .max(MAX_RESPONSE_HEADER_CHARS)
  .regex(/^[\t\x20-\x7e]*$/, "is no header value; use printable ASCII characters");

/** What a source answers its callers, instead of `202 {"id":…}`. */
export const OwnResponse = z
  .strictObject({
    status: z.number().int().min(200).max(599),
    headers: z
      .record(HeaderName, HeaderValue)
      .refine(
        (headers) => Object.keys(headers).length <= MAX_RESPONSE_HEADERS,
        `has more than ${MAX_RESPONSE_HEADERS} headers`,
      )
      .default({}),
    body: z
      .string()
      .refine((body) => body.isWellFormed(), "is not well-formed text")
      .refine(
        (body) => new TextEncoder().encode(body).length <= MAX_RESPONSE_BODY_BYTES,
        `has more than ${MAX_RESPONSE_BODY_BYTES} bytes of UTF-8`,
      )
      .default(""),
  })
  .refine(({ status, body }) => body === "" || !BODILESS_STATUSES.has(status), {
    path: ["body"],
    error: "an answer with status 204, 205 or 304 has no body; leave it empty",
  })
  .meta({ id: "OwnResponse" });
