import type { MiddlewareHandler } from "hono";
import { ByteBuffer } from "../byte-buffer.ts";
import { sha256Hex } from "../crypto.ts";
import { BatonError, refused } from "../errors.ts";
import { findAnswer, MAX_IDEMPOTENCY_KEY_CHARS } from "../idempotency.ts";
import { exceedsDepth } from "../json-depth.ts";
import { MAX_API_BODY_BYTES, MAX_API_JSON_DEPTH } from "./constants.ts";
import type { AdminEnv } from "./router.ts";

/** Refuses a body that is not JSON in UTF-8, too large or too deep, before anything parses it. */
export const readJsonBody: MiddlewareHandler<AdminEnv> = async (c, next) => {
  if (c.req.method === "GET" || c.req.method === "HEAD") return next();
  const bytes = await readCapped(c.req.raw);
  if (bytes.length === 0) {
    // The stream has been read; whoever looks again must find an empty body, not a used one. Bytes, as a text would
    // bring a content type with it.
    c.req.raw = new Request(c.req.url, {
      method: c.req.method,
      headers: c.req.raw.headers,
      body: bytes,
    });
    return next();
  }
  const mediaType = (c.req.header("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") {
    throw new BatonError(
      "unsupported_media_type",
      "Send the body as `content-type: application/json`.",
    );
  }
  const text = decode(bytes);
  if (exceedsDepth(text, MAX_API_JSON_DEPTH)) {
    throw new BatonError(
      "malformed",
      `The JSON is nested deeper than ${MAX_API_JSON_DEPTH} levels.`,
    );
  }
  try {
    JSON.parse(text);
  } catch (error) {
    throw new BatonError("malformed", `The body is not JSON: ${(error as Error).message}.`);
  }
  c.req.raw = new Request(c.req.raw, { method: c.req.method, body: text });
  await next();
};

/** Middleware: reads the `Idempotency-Key`; the verb itself looks for the first answer. */
export const keyed: MiddlewareHandler<AdminEnv> = async (c, next) => {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return next();
  if (key === "" || key.length > MAX_IDEMPOTENCY_KEY_CHARS) {
    throw refused("Idempotency-Key", `use 1 to ${MAX_IDEMPOTENCY_KEY_CHARS} characters`);
  }
  const requestHash = await sha256Hex(`${c.req.method} ${c.req.path}\n${await c.req.text()}`);
  c.get("ctx").idempotency = { key, requestHash };
  await next();
};

/** Middleware of POSTs that create: the same `Idempotency-Key` and body get the first answer again. */
export const idempotent: MiddlewareHandler<AdminEnv> = (c, next) =>
  keyed(c, async () => {
    const first = await findAnswer(c.get("ctx"));
    if (first === undefined) return next();
    c.res = c.json(first as object, 201);
  });

async function readCapped(request: Request): Promise<Uint8Array> {
  const tooLarge = new BatonError(
    "too_large",
    `An API body may have ${MAX_API_BODY_BYTES} bytes at most.`,
  );
  if (Number(request.headers.get("content-length")) > MAX_API_BODY_BYTES) throw tooLarge;
  const bytes = new ByteBuffer();
  for await (const chunk of request.body ?? []) {
    bytes.push(chunk);
    if (bytes.size > MAX_API_BODY_BYTES) throw tooLarge;
  }
  return bytes.take();
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new BatonError("malformed", "The body is not valid UTF-8.");
  }
}
