const FIRST_BYTES = 4 * 1024;

/**
 * Collects a stream's chunks in memory of its own. The runtime hands each read over as a view on a buffer of 4 KiB:
 * whoever keeps the views of a peer that sends single bytes keeps 4,096 times what it was sent.
 */
export class ByteBuffer {
  #bytes = new Uint8Array(FIRST_BYTES);
  #size = 0;

  /** Bytes collected and not yet taken. */
  get size(): number {
    return this.#size;
  }

  push(chunk: Uint8Array): void {
    const needed = this.#size + chunk.byteLength;
    if (needed > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.byteLength));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#size);
    this.#size = needed;
  }

  /** Takes the first `count` bytes out (all of them when there are fewer). */
  take(count: number = this.#size): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, Math.min(count, this.#size));
    this.#bytes.copyWithin(0, taken.byteLength, this.#size);
    this.#size -= taken.byteLength;
    return taken;
  }
}
