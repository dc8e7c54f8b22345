import { sha256Hex } from "../crypto.ts";
import { BatonError } from "../errors.ts";
import { MAX_VERIFIED_BODY_BYTES } from "../verification/index.ts";
import { MAX_INLINE_BODY_BYTES } from "./constants.ts";
import type { ReceivedBody } from "./receive-body.ts";

/** Reads a body that is to be verified into memory. 413 above 1 MiB: it cannot be checked, so it is not taken. */
export async function bufferBody(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > MAX_VERIFIED_BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_VERIFIED_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.byteLength;
  }
  return body;
}

/** Keeps a buffered body like any other: in the row up to 256 KiB, else in R2 under `key`. */
export async function keepBody(
  bytes: Uint8Array<ArrayBuffer>,
  bodies: R2Bucket,
  key: string,
): Promise<ReceivedBody> {
  const facts = { size: bytes.length, sha256: await sha256Hex(bytes) };
  if (bytes.length <= MAX_INLINE_BODY_BYTES) {
    return { ...facts, inline: bytes.length > 0 ? bytes : null, key: null };
  }
  await bodies.put(key, bytes);
  return { ...facts, inline: null, key };
}

function tooLarge(): BatonError {
  return new BatonError(
    "too_large",
    `The body is larger than ${MAX_VERIFIED_BODY_BYTES} bytes (1 MiB), the most that a source with verification takes. Send less, or a link to it.`,
  );
}
