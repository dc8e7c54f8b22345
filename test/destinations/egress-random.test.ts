import { describe, expect, it } from "vitest";
import { egressProblem } from "../../src/destinations/egress.ts";

/**
 * Random addresses in every writing that the URL standard reads as that address must get the verdict of the address.
 * The judge is Node's own `BlockList`, given the IANA registries' ranges as text; it shares nothing with our tables.
 */

type BlockList = {
  addSubnet: (network: string, bits: number, family: "ipv4" | "ipv6") => void;
  check: (address: string, family: "ipv4" | "ipv6") => boolean;
};
// This folder is checked with the types of Workers, which have no node:net.
const { BlockList } = (
  globalThis as unknown as {
    process: { getBuiltinModule: (name: string) => { BlockList: new () => BlockList } };
  }
).process.getBuiltinModule("node:net");

const V4_RANGES =
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4".split(
    " ",
  );
/** What is not global unicast, and what of it has a special purpose. */
const V6_RANGES = "::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 3fff::/20".split(" ");

// One list for each family: an IPv4 address is asked of the IPv6 ranges, too, as a mapped one.
const refused4 = new BlockList();
const refused6 = new BlockList();
for (const [ranges, family] of [
  [V4_RANGES, "ipv4"],
  [V6_RANGES, "ipv6"],
] as const) {
  for (const range of ranges) {
    const [network = "", bits] = range.split("/");
    (family === "ipv4" ? refused4 : refused6).addSubnet(network, Number(bits), family);
  }
}

const SETTINGS = {
  baseDomain: "baton.example.com",
  appUrl: "https://app.baton.example.com",
  ingestUrl: "https://{slug}.baton.example.com",
  allowLoopback: false,
  egressPorts: [],
};
const RUNS = 3000;
const SEED = 20_261_121;

const isRefused = (host: string) => egressProblem({ url: `https://${host}/x` }, SETTINGS) !== null;

/** Numbers from 0 to `below`, the same ones in every run (xorshift). */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe("IPv4", () => {
  /** Any address, or one at or beside the edge of a range. */
  function randomV4(random: (below: number) => number): number {
    if (random(2) === 0) return random(2 ** 16) * 2 ** 16 + random(2 ** 16);
    const [network = "", bits = "0"] = (V4_RANGES[random(V4_RANGES.length)] ?? "").split("/");
    const first = toNumber(network);
    const size = 2 ** (32 - Number(bits));
    const edges = [first - 1, first, first + size - 1, first + size, first + random(size)];
    return Math.min(Math.max(edges[random(edges.length)] ?? 0, 0), 2 ** 32 - 1);
  }

  const toNumber = (text: string) =>
    text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const parts = (address: number) =>
    [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  const WRITINGS: Record<string, (address: number) => string> = {
    dotted: (a) => parts(a).join("."),
    "with a dot at the end": (a) => `${parts(a).join(".")}.`,
    "one number": (a) => String(a),
    "one hexadecimal number": (a) => `0x${a.toString(16)}`,
    "one octal number": (a) => `0${a.toString(8)}`,
    "hexadecimal parts": (a) =>
      parts(a)
        .map((part) => `0X${part.toString(16)}`)
        .join("."),
    "octal parts": (a) =>
      parts(a)
        .map((part) => `0${part.toString(8)}`)
        .join("."),
    "two parts": (a) => `${Math.floor(a / 2 ** 24)}.${a % 2 ** 24}`,
    "three parts": (a) => `${parts(a).slice(0, 2).join(".")}.${a % 2 ** 16}`,
    "full-width digits": (a) =>
      parts(a)
        .join(".")
        .replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    "ideographic dots": (a) => parts(a).join("。"),
    "percent-encoded": (a) =>
      parts(a)
        .join(".")
        .replace(/\d/g, (digit) => `%3${digit}`),
  };

  it.each(Object.keys(WRITINGS))("%s", (writing) => {
    const random = seeded(SEED);
    for (let run = 0; run < RUNS; run++) {
      const address = randomV4(random);
      const text = WRITINGS[writing]?.(address) ?? "";
      const expected = refused4.check(parts(address).join("."), "ipv4");
      expect({ text, refused: isRefused(text) }).toEqual({ text, refused: expected });
    }
  });

  it("inside an IPv6 address it is refused, whatever it is", () => {
    const random = seeded(SEED + 1);
    const carriers = [
      "::ffff:",
      "::",
      "::ffff:0:",
      "64:ff9b::",
      "64:ff9b:1::",
      "2001:db8:a:b:0:5efe:",
      "2606:4700::5efe:",
      "2606:4700::200:5efe:",
    ];
    for (let run = 0; run < RUNS; run++) {
      const carrier = carriers[random(carriers.length)] ?? "";
      const text = `[${carrier}${parts(randomV4(random)).join(".")}]`;
      expect({ text, refused: isRefused(text) }).toEqual({ text, refused: true });
    }
  });

  it("inside the name of an address service it has its own verdict", () => {
    const random = seeded(SEED + 2);
    for (let run = 0; run < RUNS; run++) {
      const address = parts(randomV4(random));
      const text = `app.${address.join(random(2) ? "." : "-")}.${random(2) ? "nip.io" : "sslip.io"}`;
      const expected = refused4.check(address.join("."), "ipv4");
      expect({ text, refused: isRefused(text) }).toEqual({ text, refused: expected });
    }
  });
});

describe("IPv6", () => {
  function randomV6(random: (below: number) => number): number[] {
    const groups = Array.from({ length: 8 }, () => (random(3) === 0 ? 0 : random(0x10000)));
    // Half of them in the public range and around its exceptions: chance alone would hardly come there.
    const starts = [0x2001, 0x2001, 0x2002, 0x2003, 0x3fff, 0x3ffe, 0x2606, 0x2400, 0x4000, 0x1fff];
    if (random(2) === 0) groups[0] = starts[random(starts.length)] ?? 0;
    if (groups[0] === 0x2001 && random(2))
      groups[1] = [0, 0x1ff, 0x200, 0xdb8, 0xdb9][random(5)] ?? 0;
    if (groups[0] === 0x3fff && random(2)) groups[1] = [0, 0xfff, 0x1000][random(3)] ?? 0;
    return groups;
  }

  const hex = (groups: number[]) => groups.map((group) => group.toString(16));
  const WRITINGS: Record<string, (groups: number[]) => string> = {
    whole: (groups) => hex(groups).join(":"),
    "with zeros in front": (groups) =>
      hex(groups)
        .map((group) => group.padStart(4, "0"))
        .join(":"),
    "in capitals": (groups) => hex(groups).join(":").toUpperCase(),
    shortened: (groups) => {
      const at = groups.indexOf(0);
      if (at < 0) return hex(groups).join(":");
      return `${hex(groups.slice(0, at)).join(":")}::${hex(groups.slice(at + 1)).join(":")}`;
    },
    "with a dotted end": (groups) => {
      const [high = 0, low = 0] = groups.slice(6);
      const end = [high >> 8, high & 255, low >> 8, low & 255].join(".");
      return `${hex(groups.slice(0, 6)).join(":")}:${end}`;
    },
  };

  it.each(Object.keys(WRITINGS))("%s", (writing) => {
    const random = seeded(SEED + 3);
    for (let run = 0; run < RUNS; run++) {
      const groups = randomV6(random);
      const text = WRITINGS[writing]?.(groups) ?? "";
      const plain = hex(groups).join(":");
      const isIsatap = /^(0|200):5efe$/.test(hex(groups.slice(4, 6)).join(":"));
      const expected = refused6.check(plain, "ipv6") || isIsatap;
      expect({ text, refused: isRefused(`[${text}]`) }).toEqual({ text, refused: expected });
    }
  });
});

describe("names", () => {
  const random = seeded(SEED + 4);
  const label = () =>
    Array.from(
      { length: 1 + random(12) },
      () => "abcdefghijklmnopqrstuvwxyz0123456789"[random(36)],
    ).join("");
  const anyCase = (text: string) =>
    Array.from(text, (c) => (random(2) ? c.toUpperCase() : c)).join("");

  it.each([
    ["own hosts", "baton.example.com"],
    ["special names", "localhost"],
    ["special names", "local"],
    ["special names", "internal"],
    ["special names", "home.arpa"],
    ["special names", "onion"],
  ])("%s: anything under %s, in any case, on any port", (_, domain) => {
    for (let run = 0; run < 300; run++) {
      const depth = random(3);
      const name = [...Array.from({ length: depth }, label), domain].join(".");
      const port = random(2) ? `:${8000 + random(1000)}` : "";
      const dot = random(4) === 0 ? "." : "";
      const text = anyCase(name) + dot + port;
      expect({ text, refused: isRefused(text) }).toEqual({ text, refused: true });
    }
  });

  it("any user info is refused, and a host that only ends alike is not", () => {
    for (let run = 0; run < 300; run++) {
      const text = `${label()}${random(2) ? `:${label()}` : ""}@${label()}.example.org`;
      expect({ text, refused: isRefused(text) }).toEqual({ text, refused: true });
      const alike = `x${label()}-baton.example.com`;
      expect({ alike, refused: isRefused(alike) }).toEqual({ alike, refused: false });
    }
  });
});
