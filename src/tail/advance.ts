import type { Followed, Place } from "./followed-file.ts";
import type { Tail } from "./tail.ts";

/** Everything before `place` is read, and told or of no interest. */
export function advance(tail: Tail, file: Followed, place: Place): void {
  file.ledger.read(place);
  file.flushed = undefined;
  tail.isChanged = true;
}
