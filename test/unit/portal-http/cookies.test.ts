import { CookieJar } from "tough-cookie";
import { describe, expect, it } from "vitest";
import { cookieHeader, cookiesFor } from "../../../src/portal-http/cookies-for.ts";
import { withSetCookies } from "../../../src/portal-http/set-cookies.ts";
import type { StoredCookie } from "../../../src/session-pairs/index.ts";
import { cookieWith, NOW } from "./support.ts";

type Asking = { method?: string; from?: string; now?: number };

function sentTo(cookies: StoredCookie[], address: string, asking: Asking = {}): string {
  const url = new URL(address);
  const from = new URL(asking.from ?? address);
  const { method = "GET", now = NOW } = asking;
  return cookieHeader(cookiesFor(cookies, { url, from, method, now }));
}

function setBy(address: string, ...lines: string[]): StoredCookie[] {
  return withSetCookies([], lines, new URL(address), NOW);
}

const SITE = "https://www.example.com/shop/list";

describe("which cookies a request carries", () => {
  it.each<[string, Partial<StoredCookie>, string, boolean]>([
    ["its host's own", { domain: "www.example.com" }, SITE, true],
    ["not a host's own to its sub-domain", { domain: "example.com" }, SITE, false],
    ["a domain's to its sub-domain", { domain: ".example.com" }, SITE, true],
    ["a domain's to the domain itself", { domain: ".example.com" }, "https://example.com/", true],
    ["not to a name that ends alike", { domain: ".example.com" }, "https://badexample.com/", false],
    [
      "not a sub-domain's to its parent",
      { domain: ".www.example.com" },
      "https://example.com/",
      false,
    ],
    ["its host in capitals", { domain: "WWW.Example.com" }, SITE, true],
    ["of an IPv6 address", { domain: "[::1]" }, "http://[::1]:80/", true],
    ["of its path", { domain: "www.example.com", path: "/shop" }, SITE, true],
    ["of its path, whole", { domain: "www.example.com", path: "/shop/list" }, SITE, true],
    ["of its path with a slash", { domain: "www.example.com", path: "/shop/" }, SITE, true],
    ["not of a path that begins alike", { domain: "www.example.com", path: "/sho" }, SITE, false],
    ["secure on this machine", { domain: "127.0.0.1" }, "http://127.0.0.1:3000/", true],
    [
      "not secure without TLS",
      { domain: "www.example.com" },
      "http://www.example.com/shop/",
      false,
    ],
    [
      "an open one without TLS",
      { domain: "www.example.com", secure: false },
      "http://www.example.com/",
      true,
    ],
    ["to any port", { domain: "www.example.com" }, "https://www.example.com:8443/", true],
    [
      "one that ends in a second",
      { domain: "www.example.com", expires: NOW / 1000 + 1 },
      SITE,
      true,
    ],
    ["not one that ends now", { domain: "www.example.com", expires: NOW / 1000 }, SITE, false],
    [
      "of its own partition",
      { domain: "www.example.com", partitionKey: "https://example.com" },
      SITE,
      true,
    ],
    [
      "not of another partition",
      { domain: "www.example.com", partitionKey: "https://mall.kr" },
      SITE,
      false,
    ],
    [
      "not of a partition that is none",
      { domain: "www.example.com", partitionKey: "x" },
      SITE,
      false,
    ],
    // The runtime would log the whole header.
    ["not one beyond ASCII", { domain: "www.example.com", value: "한글" }, SITE, false],
  ])("%s", (_, cookie, url, goes) => {
    expect(sentTo([cookieWith(cookie)], url)).toBe(goes ? "sid=" + (cookie.value ?? "1") : "");
  });

  it("longer paths first, then older ones", () => {
    const cookies = ["/", "/shop", "/", "/shop/list"].map((path, i) =>
      cookieWith({ name: `c${i}`, domain: "www.example.com", path }),
    );
    expect(sentTo(cookies, SITE)).toBe("c3=1; c1=1; c0=1; c2=1");
  });

  it("a cookie without a name is its value alone", () => {
    expect(sentTo(setBy(SITE, "bare"), SITE)).toBe("bare");
  });

  const all = (["Strict", "Lax", null, "None"] as const).map((sameSite) =>
    cookieWith({ name: String(sameSite), domain: "www.example.com", sameSite }),
  );
  const everything = "Strict=1; Lax=1; null=1; None=1";
  it.each([
    ["the site itself", "https://www.example.com/", "POST", everything],
    ["another host of the site", "https://login.example.com/", "POST", everything],
    ["another port of the site", "https://example.com:8443/", "POST", everything],
    ["the site without TLS", "http://www.example.com/", "GET", "Lax=1; null=1; None=1"],
    ["another site, a page", "https://example.org/", "GET", "Lax=1; null=1; None=1"],
    ["another site, a form", "https://example.org/", "POST", "None=1"],
    // Both stand under a public suffix: they are two sites.
    ["a neighbour on a shared suffix", "https://a.co.kr/", "POST", "None=1"],
  ])("SameSite, asked by %s", (_, from, method, expected) => {
    expect(sentTo(all, SITE, { from, method })).toBe(expected);
  });

  it("two names on one public suffix are two sites", () => {
    const cookies = [cookieWith({ domain: "b.github.io", sameSite: "Strict" })];
    expect(sentTo(cookies, "https://b.github.io/", { from: "https://a.github.io/" })).toBe("");
  });
});

describe("what Set-Cookie makes of the jar", () => {
  it("a whole line", () => {
    const line =
      "sid=a=b; Domain=Example.com; Path=/shop; Max-Age=60; Secure; HttpOnly; SameSite=Lax";
    expect(setBy(SITE, line)).toEqual([
      {
        name: "sid",
        value: "a=b",
        domain: ".example.com",
        path: "/shop",
        expires: NOW / 1000 + 60,
        httpOnly: true,
        secure: true,
        sameSite: "Lax",
      },
    ]);
  });

  it("a bare line: this host, this folder, this session", () => {
    const cookie = { httpOnly: false, secure: false, sameSite: null, expires: null };
    const named = { name: "a", value: "", domain: "www.example.com", path: "/shop" };
    expect(setBy(SITE, "a=")).toEqual([{ ...named, ...cookie }]);
  });

  it.each([
    [
      "Max-Age counts before Expires",
      "Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=9",
      NOW / 1000 + 9,
    ],
    ["Expires", "Expires=Sat, 21 Nov 2026 13:00:00 GMT", NOW / 1000 + 3600],
    ["an Expires that is none", "Expires=soon", null],
    ["a Max-Age that is none", "Max-Age=soon", null],
    ["browsers keep nothing for ever", "Max-Age=99999999999", NOW / 1000 + 400 * 86_400],
  ])("%s", (_, attribute, expires) => {
    expect(setBy(SITE, `a=1; ${attribute}`)[0]?.expires).toBe(expires);
  });

  it.each([
    ["another domain", SITE, "a=1; Domain=example.org"],
    ["a sub-domain", SITE, "a=1; Domain=a.www.example.com"],
    ["a public suffix", "https://www.shop.co.kr/", "a=1; Domain=co.kr"],
    ["a single name", "https://a.localhost/", "a=1; Domain=localhost"],
    ["part of an address", "http://127.0.0.1/", "a=1; Domain=0.0.1"],
    ["SameSite=None without Secure", SITE, "a=1; SameSite=None"],
    ["Partitioned without Secure", SITE, "a=1; Partitioned"],
    ["__Secure- without Secure", SITE, "__Secure-a=1"],
    ["__Host- for a domain", SITE, "__Host-a=1; Secure; Path=/; Domain=www.example.com"],
    ["__Host- for a path", SITE, "__Host-a=1; Secure; Path=/shop"],
    ["__Host- without a path", SITE, "__host-a=1; Secure"],
    ["Secure without TLS", "http://www.example.com/", "a=1; Secure"],
    ["more than browsers keep", SITE, `a=${"x".repeat(4096)}`],
    ["nothing", SITE, "; Path=/"],
    ["control characters", SITE, "a=\u0001"],
  ])("passed over: %s", (_, url, line) => {
    expect(setBy(url, line)).toEqual([]);
  });

  it.each([
    ["an address for itself", "http://127.0.0.1:3000/", "a=1; Domain=127.0.0.1", "127.0.0.1"],
    ["a suffix for itself", "https://github.io/", "a=1; Domain=github.io", "github.io"],
    ["localhost for itself", "http://localhost:3000/", "a=1; Domain=localhost", "localhost"],
  ])("%s: the host's own cookie", (_, url, line, domain) => {
    expect(setBy(url, line)[0]?.domain).toBe(domain);
  });

  it("a partitioned cookie belongs to its site's partition, beside one of the same name", () => {
    const cookies = setBy(SITE, "a=1; Secure; Path=/", "a=2; Secure; Path=/; Partitioned");
    expect(cookies.map(({ partitionKey }) => partitionKey)).toEqual([
      undefined,
      "https://example.com",
    ]);
    expect(sentTo(cookies, SITE)).toBe("a=1; a=2");
  });

  it("UTF-8 is kept as text", () => {
    const raw = String.fromCharCode(...new TextEncoder().encode("이름"));
    expect(setBy(SITE, `a=${raw}`)[0]?.value).toBe("이름");
    expect(setBy(SITE, "a=\u00e9")[0]?.value).toBe("\u00e9");
  });

  it("set again it changes and keeps its place; ended it is gone", () => {
    const first = setBy(SITE, "a=1; Path=/", "b=1; Path=/", "c=1; Path=/");
    const second = withSetCookies(
      first,
      ["a=2; Path=/", "b=; Path=/; Max-Age=0"],
      new URL(SITE),
      NOW,
    );
    expect(sentTo(second, SITE)).toBe("a=2; c=1");
    expect(sentTo(first, SITE)).toBe("a=1; b=1; c=1");
  });

  it("the same list when nothing is different", () => {
    const first = setBy(SITE, "a=1; Max-Age=60");
    const lines = ["a=1; Max-Age=60", "gone=; Max-Age=0", "bad=1; Domain=example.org"];
    expect(withSetCookies(first, lines, new URL(SITE), NOW)).toBe(first);
    expect(withSetCookies(first, ["a=1; Max-Age=61"], new URL(SITE), NOW)).not.toBe(first);
  });

  it("of one site no more than browsers keep: the oldest go, another site's stay", () => {
    const other = cookieWith({ domain: "example.org" });
    const lines = Array.from({ length: 200 }, (_, i) => `c${i}=1`);
    const cookies = withSetCookies([other], lines, new URL(SITE), NOW);
    expect(cookies).toHaveLength(181);
    expect([cookies[0], cookies[1]?.name, cookies.at(-1)?.name]).toEqual([other, "c20", "c199"]);
  });
});

describe("against the library's own jar", () => {
  // The jar of tough-cookie knows neither partitions nor a clock but its own; what both know, both must say alike.
  const HOSTS = [
    "example.com",
    "www.example.com",
    "a.www.example.com",
    "shop.co.kr",
    "x.github.io",
    "co.kr",
  ];
  const PATHS = ["/", "/a", "/a/", "/a/b", "/ab", "/a/b/c"];
  const pick = <T>(from: readonly T[], random: () => number): T =>
    from[Math.floor(random() * from.length)] as T;

  function randomLine(random: () => number): string {
    const domain = random() < 0.5 ? pick(HOSTS, random) : null;
    // With one name for both the library would take a host's own cookie and its domain's for one.
    const name = `${domain === null ? "h" : "d"}${Math.floor(random() * 4)}`;
    const parts = [`${name}=${Math.floor(random() * 1000)}`];
    if (domain !== null) parts.push(`Domain=${random() < 0.5 ? "." : ""}${domain}`);
    if (random() < 0.5) parts.push(`Path=${pick([...PATHS, "none"], random)}`);
    if (random() < 0.3) parts.push("Secure");
    if (random() < 0.3) parts.push("HttpOnly");
    if (random() < 0.3) parts.push(`Max-Age=${pick(["600", "0", "-5", "x"], random)}`);
    return parts.join("; ");
  }

  it("1,000 random histories", () => {
    let seed = 7;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed / 2_147_483_648;
    };
    let compared = 0;
    for (let round = 0; round < 1_000; round++) {
      const jar = new CookieJar();
      let ours: StoredCookie[] = [];
      const now = Date.now();
      for (let step = 0; step < 12; step++) {
        const url = new URL(`https://${pick(HOSTS, random)}${pick(PATHS, random)}`);
        const line = randomLine(random);
        // Nobody may set a suffix's cookie but, by the standard, the suffix itself, which the library forbids.
        if (url.hostname === "co.kr" && line.includes("co.kr")) continue;
        jar.setCookieSync(line, url.href, { ignoreError: true });
        ours = withSetCookies(ours, [line], url, now);
      }
      const at = `https://${pick(HOSTS, random)}${pick(PATHS, random)}`;
      const theirs = jar.getCookiesSync(at).map((cookie) => cookie.cookieString());
      compared += theirs.length;
      const own = sentTo(ours, at, { now });
      expect(own === "" ? [] : own.split("; ").sort()).toEqual(theirs.sort());
    }
    expect(compared).toBeGreaterThan(500);
  });
});
