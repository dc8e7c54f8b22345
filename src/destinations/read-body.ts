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
  const chunks: Uint8Array[] = [];
  let size = 0;
  let failed = false;
  try {
    while (size <= maxBytes) {
      const { done, value } = await wait(reader.read());
      if (done) return { bytes: joined(chunks, size), truncated: false, failed };
      chunks.push(value);
      size += value.byteLength;
    }
  } catch {
    failed = true;
  }
  // The other side may never react to the cancelling; nothing depends on it.
  void reader.cancel().catch(() => {});
  return { bytes: joined(chunks, size).slice(0, maxBytes), truncated: true, failed };
}

function joined(chunks: Uint8Array[], size: number): Bytes {
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}
