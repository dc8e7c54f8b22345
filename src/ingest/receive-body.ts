import { ByteBuffer } from "../byte-buffer.ts";
import { sha256Hex, toHex } from "../crypto.ts";
import { BatonError } from "../errors.ts";
import { MAX_BODY_BYTES, MAX_INLINE_BODY_BYTES, R2_PART_BYTES } from "./constants.ts";
import { orUnavailable } from "./unavailable.ts";

/** A body that is safe: in memory up to 256 KiB, else in R2 under `key`. */
export type ReceivedBody = {
  size: number;
  /** Lower-case hex. */
  sha256: string;
  inline: Uint8Array<ArrayBuffer> | null;
  key: string | null;
};

/** SHA-256 of nothing. */
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

type Body = AsyncIterable<Uint8Array>;
/** Sees every piece of a body that passes. */
export type Watch = (piece: Uint8Array) => void;

/**
 * Takes in a request's body byte for byte. Throws 413 above 25 MiB: with a length at once, without one as soon as
 * the limit is passed, and then nothing of it stays in R2; 503 when it broke off, or R2 did not take it.
 */
export async function receiveBody(
  request: Request,
  bodies: R2Bucket,
  key: string,
  watch?: Watch,
): Promise<ReceivedBody> {
  if (!request.body) return { size: 0, sha256: EMPTY_SHA256, inline: null, key: null };
  const header = request.headers.get("content-length");
  const length = header === null ? null : Number(header);
  if (length !== null && length > MAX_BODY_BYTES) {
    throw tooLarge();
  }
  const body = watch ? watched(request.body, watch) : request.body;
  return orUnavailable(key, () =>
    length !== null && length > MAX_INLINE_BODY_BYTES
      ? streamKnownLength(body, length, bodies, key)
      : bufferOrUpload(body, bodies, key),
  );
}

async function* watched(body: Body, watch: Watch): Body {
  for await (const piece of body) {
    watch(piece);
    yield piece;
  }
}

function tooLarge(): BatonError {
  const limit = `${MAX_BODY_BYTES} bytes (25 MiB)`;
  return new BatonError(
    "too_large",
    `The body is larger than ${limit}. Send less, or a link to it.`,
  );
}

/** One pass to R2 and through the hash; at no time more than a chunk in memory. */
async function streamKnownLength(
  body: Body,
  length: number,
  bodies: R2Bucket,
  key: string,
): Promise<ReceivedBody> {
  const digest = new crypto.DigestStream("SHA-256");
  const hashing = digest.getWriter();
  const fixed = new FixedLengthStream(length);
  const stored = bodies.put(key, fixed.readable);
  // A put that fails may leave the stream unread: without the race the writes would wait for ever.
  const refused = new Promise<never>((_, reject) => void stored.catch(reject));
  refused.catch(() => {});
  const writer = fixed.writable.getWriter();
  try {
    for await (const chunk of body) {
      await Promise.race([Promise.all([writer.write(chunk), hashing.write(chunk)]), refused]);
    }
    await Promise.race([Promise.all([writer.close(), hashing.close(), stored]), refused]);
  } catch (error) {
    void writer.abort(error).catch(() => {});
    digest.digest.catch(() => {});
    throw error;
  }
  return { size: length, sha256: toHex(new Uint8Array(await digest.digest)), inline: null, key };
}

/** Without a length: memory as far as it goes, then one object, then parts. */
async function bufferOrUpload(body: Body, bodies: R2Bucket, key: string): Promise<ReceivedBody> {
  const parts = new ByteBuffer();
  const digest = new crypto.DigestStream("SHA-256");
  const hashing = digest.getWriter();
  let upload: R2MultipartUpload | undefined;
  const uploaded: R2UploadedPart[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.byteLength;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      await hashing.write(chunk);
      parts.push(chunk);
      while (parts.size > R2_PART_BYTES) {
        upload ??= await bodies.createMultipartUpload(key);
        uploaded.push(await upload.uploadPart(uploaded.length + 1, parts.take(R2_PART_BYTES)));
      }
    }
    await hashing.close();
    const rest = parts.take();
    if (size <= MAX_INLINE_BODY_BYTES) {
      return { size, sha256: await sha256Hex(rest), inline: size > 0 ? rest : null, key: null };
    }
    if (upload) {
      uploaded.push(await upload.uploadPart(uploaded.length + 1, rest));
      await upload.complete(uploaded);
    } else {
      await bodies.put(key, rest);
    }
    return { size, sha256: toHex(new Uint8Array(await digest.digest)), inline: null, key };
  } catch (error) {
    digest.digest.catch(() => {});
    await upload?.abort().catch(() => {});
    throw error;
  }
}
