import { ByteBuffer } from "../byte-buffer.ts";
import { sha256Hex } from "../crypto.ts";
import { BatonError } from "../errors.ts";
import { MAX_VERIFIED_BODY_BYTES } from "../verification/index.ts";
import { MAX_INLINE_BODY_BYTES } from "./constants.ts";
import type { ReceivedBody } from "./receive-body.ts";
import { orUnavailable } from "./unavailable.ts";

/**
 * Reads a body whose signature needs it whole into memory. 413 above 1 MiB: it cannot be checked, so it is not taken;
 * 503 when it broke off.
 */
export async function bufferBody(request: Request, key: string): Promise<Uint8Array<ArrayBuffer>> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > MAX_VERIFIED_BODY_BYTES) throw tooLarge();
  const body = new ByteBuffer();
  await orUnavailable(key, async () => {
    for await (const chunk of request.body ?? []) {
      if (body.size + chunk.byteLength > MAX_VERIFIED_BODY_BYTES) throw tooLarge();
      body.push(chunk);
    }
  });
  return body.take();
}

/** Keeps a buffered body like any other: in the row up to 256 KiB, else in R2 under `key`. 503 when R2 does not take it. */
export async function keepBody(
  bytes: Uint8Array<ArrayBuffer>,
  bodies: R2Bucket,
  key: string,
): Promise<ReceivedBody> {
  const facts = { size: bytes.length, sha256: await sha256Hex(bytes) };
  if (bytes.length <= MAX_INLINE_BODY_BYTES) {
    return { ...facts, inline: bytes.length > 0 ? bytes : null, key: null };
  }
  await orUnavailable(key, () => bodies.put(key, bytes));
  return { ...facts, inline: null, key };
}

function tooLarge(): BatonError {
  return new BatonError(
    "too_large",
    `The body is larger than ${MAX_VERIFIED_BODY_BYTES} bytes (1 MiB), the most that this kind of signature is checked over. Send less, or a link to it.`,
  );
}
