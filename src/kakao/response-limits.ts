/** Bubbles of one answer. */
export const MAX_OUTPUTS = 3;
