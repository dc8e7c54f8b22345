import { TypeID } from "typeid-js";

/** Kinds of ids and the prefix each carries on the wire. */
export const ID_PREFIX = {
  organization: "org",
  source: "src",
  sender: "snd",
  rule: "rul",
  destination: "dst",
  event: "evt",
  delivery: "dlv",
  attempt: "att",
  apiKey: "key",
  stray: "str",
  alert: "alt",
  tokenIssuer: "iss",
  chatIssuer: "chi",
  portal: "prt",
} as const;

export type IdKind = keyof typeof ID_PREFIX;

function uuidv7Bytes(timeMs: number, randA: number, rest: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16);
  for (let i = 0, t = timeMs; i < 6; i++, t = Math.floor(t / 256)) bytes[5 - i] = t % 256;
  bytes[6] = 0x70 | (randA >> 8);
  bytes[7] = randA & 0xff;
  bytes.set(rest.subarray(0, 8), 8);
  bytes[8] = 0x80 | ((rest[0] ?? 0) & 0x3f);
  return bytes;
}

/** A new time-ordered id, e.g. `src_01k9…`. `shard` is kept in events, deliveries and attempts only. */
export function newId(kind: IdKind, timeMs: number = Date.now(), shard?: number): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const randA = shard ?? (((random[8] ?? 0) << 8) | (random[9] ?? 0)) & 0xfff;
  return TypeID.fromUUIDBytes(ID_PREFIX[kind], uuidv7Bytes(timeMs, randA, random)).toString();
}

/** The smallest id of a kind at a time: the lower bound of a key range. */
export function firstIdAt(kind: IdKind, timeMs: number): string {
  return TypeID.fromUUIDBytes(
    ID_PREFIX[kind],
    uuidv7Bytes(Math.max(0, timeMs), 0, new Uint8Array(8)),
  ).toString();
}

/** True when the text is a well-formed id of this kind. */
export function isId(kind: IdKind, text: string): boolean {
  return idBytes(kind, text) !== null;
}

/** The event shard an id belongs to, or null when the text is no id of this kind. */
export function shardOf(kind: IdKind, id: string): number | null {
  const bytes = idBytes(kind, id);
  return bytes ? (((bytes[6] ?? 0) & 0x0f) << 8) | (bytes[7] ?? 0) : null;
}

function idBytes(kind: IdKind, text: string): Uint8Array | null {
  try {
    return TypeID.fromString(text, ID_PREFIX[kind]).toUUIDBytes();
  } catch {
    return null;
  }
}

/** When an id was made, in milliseconds UTC; 0 for a text that is no id of this kind. */
export function timeOfId(kind: IdKind, id: string): number {
  const bytes = idBytes(kind, id);
  return bytes ? bytes.subarray(0, 6).reduce((ms, byte) => ms * 256 + byte, 0) : 0;
}
