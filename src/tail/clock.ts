/** Waiting is measured with a clock that never jumps; the wall's is only told. Both in ms. */
export type Clock = { wall: () => number; monotonic: () => number };

export const SYSTEM_CLOCK: Clock = { wall: () => Date.now(), monotonic: () => performance.now() };
