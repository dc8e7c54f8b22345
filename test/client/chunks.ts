/** A small random generator (mulberry32): the same seed gives the same test. 0…1. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes in pieces of random sizes, from none to `most`. */
export function* inPieces(
  bytes: Uint8Array,
  random: () => number,
  most: number,
): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + Math.floor(random() * (most + 1));
    yield bytes.subarray(at, end);
    at = end;
  }
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
