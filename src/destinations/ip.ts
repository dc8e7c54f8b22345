import { type Address, isWithin, readAddress } from "../ip-address.ts";

/** Every IPv4 range that is not public unicast (IANA special-purpose registry). */
const REFUSED_V4: [string, number, string][] = [
  ["0.0.0.0", 8, "this network"],
  ["10.0.0.0", 8, "a private network"],
  ["100.64.0.0", 10, "a carrier's network"],
  ["127.0.0.0", 8, "this machine"],
  ["169.254.0.0", 16, "link-local"],
  ["172.16.0.0", 12, "a private network"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "documentation"],
  ["192.88.99.0", 24, "6to4 relays"],
  ["192.168.0.0", 16, "a private network"],
  ["198.18.0.0", 15, "benchmarking"],
  ["198.51.100.0", 24, "documentation"],
  ["203.0.113.0", 24, "documentation"],
  ["224.0.0.0", 4, "multicast"],
  ["240.0.0.0", 4, "reserved"],
];

/** Inside 2000::/3, the only range with public unicast addresses, what is not one, or carries an IPv4 address. */
const REFUSED_V6: [string, number, string][] = [
  ["2001::", 23, "Teredo, benchmarking and other special purposes"],
  ["2001:db8::", 32, "documentation"],
  ["2002::", 16, "6to4"],
  ["3fff::", 20, "documentation"],
];

export function isLoopback(address: Address): boolean {
  if (address.length === 4) return address[0] === 127;
  return address.every((byte, i) => byte === (i === 15 ? 1 : 0));
}

/** What a non-public address is for, or null for a public one. */
export function specialPurpose(address: Address): string | null {
  if (address.length === 4) return purposeIn(REFUSED_V4, address);
  // Loopback, mapped, compatible, translated, NAT64, ULA, link- and site-local, multicast: all outside 2000::/3.
  if (((address[0] ?? 0) & 0xe0) !== 0x20) return "not a public address";
  if (isIsatap(address)) return "ISATAP";
  return purposeIn(REFUSED_V6, address);
}

function purposeIn(table: [string, number, string][], address: Address): string | null {
  for (const [base, bits, purpose] of table) {
    const network = readAddress(base);
    if (network && isWithin(address, network, bits)) return purpose;
  }
  return null;
}

/** An interface id `[02]00:5efe:a.b.c.d` tunnels to that IPv4 address. */
function isIsatap(address: Address): boolean {
  return (
    ((address[8] ?? 0) & ~0x02) === 0 &&
    address[9] === 0 &&
    address[10] === 0x5e &&
    address[11] === 0xfe
  );
}
