/** Chance that is the same with each run of a seed (mulberry32). */
export function chanceOf(seed: number) {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    next,
    /** True with this probability. */
    hits: (probability: number) => next() < probability,
    between: (min: number, max: number) => min + next() * (max - min),
    whole: (min: number, max: number) => Math.floor(min + next() * (max - min + 1)),
  };
}

export type Chance = ReturnType<typeof chanceOf>;
