/** A place in a channel's log. `epoch` is another one when a log begins anew; `seq` counts its frames from 1. */
export type Position = { epoch: string; seq: number };

const PATTERN = /^([0-9a-z]{1,32})-(0|[1-9]\d{0,14})$/;

/** `<epoch>-<seq>`. */
export function formatPosition({ epoch, seq }: Position): string {
  return `${epoch}-${seq}`;
}

/** Null for a text that is no position of any log. */
export function parsePosition(text: string): Position | null {
  const [, epoch, seq] = PATTERN.exec(text) ?? [];
  return epoch !== undefined && seq !== undefined ? { epoch, seq: Number(seq) } : null;
}
