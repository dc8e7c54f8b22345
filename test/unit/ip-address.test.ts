import { describe, expect, it } from "vitest";
import { isWithin, readAddress, readNetwork } from "../../src/ip-address.ts";

const V6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

describe("readAddress", () => {
  it.each<[string, number[]]>([
    ["192.0.2.1", [192, 0, 2, 1]],
    ["0.0.0.0", [0, 0, 0, 0]],
    ["255.255.255.255", [255, 255, 255, 255]],
    ["2001:db8::1", V6],
    ["2001:DB8:0:0:0:0:0:1", V6],
    ["2001:db8::0.0.0.1", V6],
    ["::", Array<number>(16).fill(0)],
  ])("%s", (text, bytes) => {
    expect(readAddress(text)).toEqual(bytes);
  });

  it.each([
    "",
    " ",
    "unknown",
    "localhost",
    "192.0.2",
    "192.0.2.256",
    "192.0.2.1.",
    " 192.0.2.1",
    "192.0.2.01",
    "0x7f.0.0.1",
    "3221225985",
    "192.0.2.1:80",
    "192.0.2.1, 192.0.2.2",
    "2001:db8",
    "2001:db8::1::2",
    "2001:db8::g",
    "fe80::1%eth0",
    "[2001:db8::1]",
    "2001:db8::1]?",
    "2001:db8::1]:80#",
    "user@192.0.2.1",
    "１９２.0.2.1",
  ])("%j is none", (text) => {
    expect(readAddress(text)).toBeNull();
    expect(readNetwork(text)).toBeNull();
  });
});

describe("readNetwork", () => {
  it.each([
    ["192.0.2.7", 32],
    ["192.0.2.0/24", 24],
    ["0.0.0.0/0", 0],
    ["2001:db8::1", 128],
    ["2001:db8::/32", 32],
  ])("%s has %i bits", (text, bits) => {
    expect(readNetwork(text)?.bits).toBe(bits);
  });

  it.each([
    "192.0.2.0/33",
    "2001:db8::/129",
    "192.0.2.0/",
    "192.0.2.0/-1",
    "192.0.2.0/24/8",
    "/24",
  ])("%j is none", (text) => {
    expect(readNetwork(text)).toBeNull();
  });
});

describe("isWithin", () => {
  it.each<[string, string, boolean]>([
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.8", "192.0.2.7", false],
    ["192.0.2.255", "192.0.2.0/24", true],
    ["192.0.3.0", "192.0.2.0/24", false],
    ["192.0.2.127", "192.0.2.0/25", true],
    ["192.0.2.128", "192.0.2.0/25", false],
    ["192.0.2.7", "192.0.2.99/24", true],
    ["198.51.100.1", "0.0.0.0/0", true],
    ["2001:db8:ffff::1", "2001:db8::/32", true],
    ["2001:db9::1", "2001:db8::/32", false],
    ["2001:db8::1", "2001:db8:0:0::1/128", true],
    ["192.0.2.7", "::/0", false],
    ["::1", "0.0.0.0/0", false],
  ])("%s in %s: %s", (address, network, expected) => {
    const read = readAddress(address);
    const { base, bits } = readNetwork(network) ?? { base: [], bits: -1 };
    expect(bits).toBeGreaterThanOrEqual(0);
    expect(read && isWithin(read, base, bits)).toBe(expected);
  });
});
