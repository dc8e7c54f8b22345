import { MAX_MESSAGE_BYTES } from "./constants.ts";

/** Parts frames so that each group makes a message of `MAX_MESSAGE_BYTES` or little more. */
export function* inMessages<T extends { data: string }>(frames: readonly T[]): Generator<T[]> {
  let group: T[] = [];
  let size = 0;
  for (const frame of frames) {
    if (group.length > 0 && size + frame.data.length > MAX_MESSAGE_BYTES) {
      yield group;
      [group, size] = [[], 0];
    }
    group.push(frame);
    size += frame.data.length;
  }
  if (group.length > 0) yield group;
}
