import { ByteBuffer } from "../byte-buffer.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What was read of a stream. */
export type ReadBytes = {
  bytes: Bytes;
  /** There was, or may have been, more. */
  truncated: boolean;
  /** The stream broke off, or `wait` rejected. */
  failed: boolean;
};

/**
 * Reads a stream up to `maxBytes` and cancels the rest. Never throws: what came before a failure is kept.
 * `wait` wraps each read, for a deadline: a slow drip must not outlast it.
 */
export async function readCapped(
  stream: ReadableStream<Uint8Array>,
  maxBytes: number,
  wait: <T>(read: Promise<T>) => Promise<T> = (read) => read,
): Promise<ReadBytes> {
  const reader = stream.getReader();
  const bytes = new ByteBuffer();
  let failed = false;
  try {
    while (bytes.size <= maxBytes) {
      const { done, value } = await wait(reader.read());
      if (done) return { bytes: bytes.take(), truncated: false, failed };
      bytes.push(value);
    }
  } catch {
    failed = true;
  }
  // The other side may never react to the cancelling; nothing depends on it.
  void reader.cancel().catch(() => {});
  return { bytes: bytes.take(maxBytes), truncated: true, failed };
}

/** Hands every piece of a stream over. Never throws: false when it broke off, or `take` or `wait` failed. */
export async function readPieces(
  stream: ReadableStream<Uint8Array>,
  take: (piece: Uint8Array) => void,
  wait: <T>(read: Promise<T>) => Promise<T>,
): Promise<boolean> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await wait(reader.read());
      if (done) return true;
      take(value);
    }
  } catch {
    void reader.cancel().catch(() => {});
    return false;
  }
}
