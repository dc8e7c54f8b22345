/** An address as bytes: 4 for IPv4, 16 for IPv6. */
export type Address = number[];

/** Reads a host name that `new URL()` has made canonical; null when it is no IP literal. */
export function parseAddress(hostname: string): Address | null {
  if (hostname.startsWith("[")) return parseV6(hostname.slice(1, -1));
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname) ? hostname.split(".").map(Number) : null;
}

/** True when the first `bits` of both are the same; addresses of two families never are. */
export function isWithin(address: Address, network: Address, bits: number): boolean {
  if (address.length !== network.length) return false;
  for (let i = 0; i * 8 < bits; i++) {
    const mask = (0xff << Math.max(0, 8 - (bits - i * 8))) & 0xff;
    if (((address[i] ?? 0) & mask) !== ((network[i] ?? 0) & mask)) return false;
  }
  return true;
}

/** The URL parser writes IPv6 as hex groups with at most one `::`, never with a dotted quad. */
function parseV6(text: string): Address {
  const [head = "", tail] = text.split("::");
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => 0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

/** Reads an address as people write it, `192.0.2.1` or `2001:db8::1`; null for anything else. */
export function readAddress(text: string): Address | null {
  const isV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text);
  if (!isV6 && !/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const url = URL.parse(isV6 ? `http://[${text}]/` : `http://${text}/`);
  // `URL` reads 010 as octal: who lists addresses does not mean that.
  if (!url || (!isV6 && url.hostname !== text)) return null;
  return parseAddress(url.hostname);
}

/** Addresses that share their first bits. */
export type Network = { base: Address; bits: number };

/** Reads `192.0.2.0/24`, or an address alone; null for anything else. */
export function readNetwork(text: string): Network | null {
  const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const base = readAddress(address);
  if (!base) return null;
  const bits = length === undefined ? base.length * 8 : Number(length);
  return bits <= base.length * 8 ? { base, bits } : null;
}
