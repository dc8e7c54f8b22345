/** A frame's place in a channel's log: `<epoch>-<seq>`. `epoch` is another one when the log begins anew. */
export type Place = { epoch: string; seq: number };

/** Null for an id that is no place in a log. */
export function readPlace(id: string): Place | null {
  const [, epoch, seq] = /^([0-9a-z]{1,32})-(0|[1-9]\d{0,14})$/.exec(id) ?? [];
  return epoch !== undefined && seq !== undefined ? { epoch, seq: Number(seq) } : null;
}

export function writePlace({ epoch, seq }: Place): string {
  return `${epoch}-${seq}`;
}

/**
 * How a frame stands to the last one that was read. `hole`: of the same log, and not the next.
 * `anew`: of another log. `unknown`: one of the two is no place.
 */
export type Step = "next" | "repeat" | "hole" | "anew" | "unknown";

export function stepTo(last: string, id: string): Step {
  const from = readPlace(last);
  const to = readPlace(id);
  if (!from || !to) return "unknown";
  if (from.epoch !== to.epoch) return "anew";
  if (to.seq <= from.seq) return "repeat";
  return to.seq === from.seq + 1 ? "next" : "hole";
}
