import { describe, expect, it } from "vitest";
import { readSettings } from "../../src/context.ts";
import { assertSendableUrl, egressProblem as problemOf } from "../../src/destinations/egress.ts";

const PRODUCTION = {
  baseDomain: "baton.example.com",
  appUrl: "https://app.baton.example.com",
  ingestUrl: "https://{slug}.baton.example.com",
  allowLoopback: false,
  egressPorts: [],
};
const LOCAL = {
  baseDomain: "localhost",
  appUrl: "http://localhost:8787",
  ingestUrl: "http://{slug}.localhost:8787",
  allowLoopback: true,
  egressPorts: [],
};

/** Of a destination that may be called without TLS. */
const egressProblem = (url: string, settings: Parameters<typeof problemOf>[1]) =>
  problemOf({ url, allowHttp: true }, settings);

describe("in production", () => {
  it.each([
    "https://example.org/hook",
    "http://example.org:8080/hook?a=1",
    "https://1.1.1.1/",
    "https://[2606:4700:4700::1111]/",
    "http://1.1.1.1\\@127.0.0.1/",
    "https://sub.domain.example.org/%2e%2e/x",
    "https://한국.example/",
    "https://app.1.2.3.4.nip.io/",
    "https://1-2-3-4.sslip.io/",
    "https://mybaton.example.com/",
    "https://notbaton.example.com.evil.org/",
  ])("allows %s", (url) => expect(egressProblem(url, PRODUCTION)).toBeNull());

  it.each([
    "file:///etc/passwd",
    "gopher://example.org/",
    "ftp://example.org/",
    "data:text/plain,x",
    "ws://example.org/",
    "javascript:alert(1)",
    "",
    "example.org/hook",
    "https://",
    "https://256.256.256.256/",
    "https://example.org:99999/",
    "http://[::1%25eth0]/",
  ])("refuses what is no http URL: %s", (url) => {
    expect(egressProblem(url, PRODUCTION)).not.toBeNull();
  });

  it.each([
    // Every writing of a loopback or private IPv4 address.
    "http://127.0.0.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1./",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://100.64.0.1/",
    "http://100.127.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.8/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.0.1/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://198.51.100.7/",
    "http://203.0.113.7/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    // IPv6: unspecified, loopback, mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP, ULA, …
    "http://[::]/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::ffff:8.8.8.8]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b:1::1]/",
    "http://[100::1]/",
    "http://[2001::1]/",
    "http://[2001:2::1]/",
    "http://[2001:db8::1]/",
    "http://[2002:7f00:1::]/",
    "http://[3fff::1]/",
    "http://[2606:4700::5efe:10.0.0.1]/",
    "http://[2606:4700::200:5efe:10.0.0.1]/",
    "http://[5f00::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
  ])("refuses the address %s", (url) => {
    expect(egressProblem(url, PRODUCTION)).toMatch(/not on the internet/);
  });

  it.each([
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://foo.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://wiki.intranet/",
    "http://nas.home.arpa/",
    "http://home.arpa/",
    "http://1.0.0.127.in-addr.arpa/",
    "http://router.lan/",
    "http://wiki.corp/",
    "http://nas.home/",
    "http://db.private/",
    "http://localhost.localdomain/",
    "http://abc.onion/",
    "http://intranet/",
    "http://example.org./",
    "http://a..b/",
    "http://10.0.0.1.nip.io/",
    "http://app-127-0-0-1.sslip.io/",
    "http://9.10.0.0.1.nip.io/",
    "http://7f000001.nip.io/",
    "http://--1.sslip.io/",
    "http://fd00-0-0-0-0-0-0-1.sslip.io/",
    "http://app.0-0-0-0-0-ffff-a00-1.nip.io/",
    "http://2606-4700-0-0-0-0-0-1111-1-2-3-4.sslip.io/",
    "http://fe80-1-2-3-4-5-6.sslip.io/",
    "http://lvh.me/",
    "http://a.localtest.me/",
  ])("refuses the name %s", (url) => {
    expect(egressProblem(url, PRODUCTION)).not.toBeNull();
  });

  it.each([
    "https://example.org:25/",
    "http://example.org:22/",
    "http://1.1.1.1:6667/",
    "http://example.org:0/",
  ])("refuses a port that is no web server's: %s", (url) =>
    expect(egressProblem(url, PRODUCTION)).toMatch(/^port /),
  );

  it.each(["", ":80", ":443", ":3000", ":8080", ":8443", ":9443", ":2096", ":8880"])(
    "allows a port of a web server: %s",
    (port) => expect(egressProblem(`https://example.org${port}/`, PRODUCTION)).toBeNull(),
  );

  it.each(["1", "2375", "3306", "4000", "5432", "6379", "8089", "9200", "11211", "65535"])(
    "refuses any other port, %s, unless the deployment names it",
    (port) => {
      const url = `https://example.org:${port}/`;
      expect(egressProblem(url, PRODUCTION)).toMatch(/^port .*EGRESS_PORTS/);
      const egressPorts = [4001, Number(port)];
      expect(egressProblem(url, { ...PRODUCTION, egressPorts })).toBeNull();
    },
  );

  it("reads the deployment's ports from a variable", () => {
    const read = (EGRESS_PORTS?: string) =>
      readSettings({
        BASE_DOMAIN: "example.com",
        APP_URL: "",
        INGEST_URL: "",
        MASTER_KEY: "",
        ALLOW_LOOPBACK: "",
        ...(EGRESS_PORTS !== undefined && { EGRESS_PORTS }),
      }).egressPorts;
    expect(read("4000, 5001")).toEqual([4000, 5001]);
    expect([read(""), read(), read("x,-1,0")]).toEqual([[], [], []]);
  });

  it("takes http:// only where it was asked for", () => {
    const url = "http://example.org:8080/";
    expect(problemOf({ url }, PRODUCTION)).toMatch(/allowHttp: true/);
    expect(problemOf({ url, allowHttp: false }, LOCAL)).toMatch(/allowHttp: true/);
    expect(problemOf({ url, allowHttp: true }, PRODUCTION)).toBeNull();
    expect(problemOf({ url: "http://127.0.0.1:4321/" }, LOCAL)).toBeNull();
    expect(problemOf({ url: "http://127.0.0.1/", allowHttp: true }, PRODUCTION)).not.toBeNull();
  });

  it.each([
    ["a tab and a line break vanish", "http://127.0.\t0.\n1/"],
    ["user info moves the host", "http://example.com@169.254.169.254/"],
    ["so does an empty one", "http://@:@127.0.0.1/"],
    ["a backslash is a slash", "http:\\\\127.0.0.1\\@example.com/"],
    ["missing and too many slashes", "http:127.0.0.1/"],
    ["percent-encoded digits", "http://%31%32%37.0.0.1/"],
    ["soft hyphens are dropped", "http://127.0.0\u00ad.1/"],
    ["other dots are dots", "http://127．0｡0．1/"],
  ])("judges what the URL parser makes of it: %s", (_, url) => {
    expect(egressProblem(url, PRODUCTION)).not.toBeNull();
  });

  it.each([
    "https://user@example.org/",
    "https://:pw@example.org/",
    "https://example.com@1.1.1.1/",
  ])("refuses user info: %s", (url) => expect(egressProblem(url, PRODUCTION)).toMatch(/user name/));

  it.each([
    "https://baton.example.com/",
    "https://app.baton.example.com/in/demo",
    "https://demo.baton.example.com/",
    "https://DEMO.Baton.Example.com:8443/",
    "https://demo.baton.example.com./",
    "https://a.b.baton.example.com/",
  ])("refuses its own host as a loop: %s", (url) => {
    expect(egressProblem(url, PRODUCTION)).toMatch(/is Baton itself/);
  });

  it("refuses the hosts of a deployment without wildcards", () => {
    const workersDev = {
      ...PRODUCTION,
      baseDomain: "baton-app.acme.workers.dev",
      appUrl: "https://baton-app.acme.workers.dev",
      ingestUrl: "https://baton-edge.acme.workers.dev/in/{slug}",
    };
    expect(egressProblem("https://baton-edge.acme.workers.dev/in/x", workersDev)).toMatch(/itself/);
  });

  it("refuses every Worker of the same account on workers.dev", () => {
    const workersDev = { ...PRODUCTION, appUrl: "https://baton-app.acme.workers.dev" };
    for (const host of ["other.acme.workers.dev", "a.b.acme.workers.dev", "acme.workers.dev."]) {
      expect(egressProblem(`https://${host}/`, workersDev)).toMatch(/is Baton itself/);
      expect(egressProblem(`https://${host.replace(/\.$/, "")}/`, PRODUCTION)).toBeNull();
    }
    for (const host of ["other.acme2.workers.dev", "x.notacme.workers.dev", "workers.dev"]) {
      expect(egressProblem(`https://${host}/`, workersDev)).toBeNull();
    }
  });
});

describe("in a local session", () => {
  it.each([
    "http://127.0.0.1:8788/",
    "http://localhost:9000/x",
    "http://[::1]:1/",
    "http://127.9.9.9/",
  ])("allows the loopback receiver %s", (url) => expect(egressProblem(url, LOCAL)).toBeNull());

  it.each([
    "http://localhost:8787/in/demo",
    "http://127.0.0.1:8787/",
    "http://127.0.0.2:8787/",
    "http://[::1]:8787/",
    "http://demo.localhost:8787/",
    "http://localhost.:8787/",
  ])("refuses the session's own port as a loop: %s", (url) => {
    expect(egressProblem(url, LOCAL)).toMatch(/is Baton itself/);
  });

  it.each(["http://192.168.0.2:9000/", "http://0.0.0.0:9000/", "http://[::ffff:127.0.0.1]:9000/"])(
    "still refuses %s",
    (url) => expect(egressProblem(url, LOCAL)).toMatch(/not on the internet/),
  );
});

it("in production loopback stays refused, whatever the variable says", () => {
  // `readSettings` gives true only for the base domain `localhost`; the guard itself trusts what it is given.
  const env = {
    BASE_DOMAIN: "baton.example.com",
    APP_URL: PRODUCTION.appUrl,
    INGEST_URL: PRODUCTION.ingestUrl,
    MASTER_KEY: "",
    ALLOW_LOOPBACK: "true",
  };
  expect(egressProblem("http://127.0.0.1:8788/", readSettings(env))).toMatch(/not on the internet/);
});

it("throws 422 that names the field", () => {
  expect(() =>
    assertSendableUrl({ url: "http://127.0.0.1/", field: "config.url" }, PRODUCTION),
  ).toThrow(/^config\.url: /);
  expect(
    assertSendableUrl({ url: "https://example.org/a", field: "config.url" }, PRODUCTION).pathname,
  ).toBe("/a");
});
