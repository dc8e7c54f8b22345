import { expect, it } from "vitest";
import { readTarget } from "../../src/ingest/target.ts";

const LOCAL = { baseDomain: "localhost", appUrl: "http://localhost:8787" };
const PRODUCTION = { baseDomain: "example.com", appUrl: "https://app.example.com" };
const app = { kind: "app" };
const phone = (key: string | null, path = "/webhook/sms") => ({ kind: "phone", key, path });
const slug = (name: string, path: string) => ({ kind: "slug", slug: name, path });
const hostname = (name: string, path: string, otherwise: unknown) => ({
  kind: "hostname",
  hostname: name,
  path,
  otherwise,
});

it.each([
  [LOCAL, "http://localhost:8787/", app],
  [LOCAL, "http://app.localhost:8787/x", app],
  [LOCAL, "http://demo.localhost:8787/a/b", slug("demo", "/a/b")],
  [LOCAL, "http://demo.localhost.:8787/a", slug("demo", "/a")],
  [LOCAL, "http://localhost:8787/in/demo/a", slug("demo", "/a")],
  [LOCAL, "http://localhost:8787/in/demo", slug("demo", "/")],
  [LOCAL, "http://localhost:8787/in/demo/", slug("demo", "/")],
  [LOCAL, "http://localhost:8787/in/", app],
  [LOCAL, "http://localhost:8787/inn/demo", app],
  [LOCAL, "http://demo.localhost:8787/in/other/a", slug("demo", "/in/other/a")],
  [
    LOCAL,
    "http://127.0.0.1:8787/in/demo/a",
    hostname("127.0.0.1", "/in/demo/a", slug("demo", "/a")),
  ],
  [LOCAL, "http://192.168.0.7:8787/health", hostname("192.168.0.7", "/health", app)],
  [
    LOCAL,
    "https://abc.tunnel.dev/kakao/webhook",
    hostname("abc.tunnel.dev", "/kakao/webhook", app),
  ],
  [LOCAL, "http://a.b.localhost:8787/", hostname("a.b.localhost", "/", app)],
  [LOCAL, "http://localhost:8787/webhook/sms", phone(null)],
  [LOCAL, "http://localhost:8787/webhook/sms/", phone(null)],
  [LOCAL, "http://localhost:8787/webhook/sms/k", phone("k")],
  [LOCAL, "http://localhost:8787/webhook/sms/~k/x/y", phone("k", "/webhook/sms/x/y")],
  [LOCAL, "http://localhost:8787/webhook/smsx", app],
  [LOCAL, "http://localhost:8787/webhook", app],
  [
    LOCAL,
    "http://192.168.0.7:8787/webhook/sms",
    hostname("192.168.0.7", "/webhook/sms", phone(null)),
  ],
  [LOCAL, "http://demo.localhost:8787/webhook/sms", slug("demo", "/webhook/sms")],
  [PRODUCTION, "https://app.example.com/webhook/sms/k", phone("k")],
  [
    PRODUCTION,
    "https://baton.me.workers.dev/webhook/sms",
    hostname("baton.me.workers.dev", "/webhook/sms", phone(null)),
  ],
  [PRODUCTION, "https://hooks.example.com/a", slug("hooks", "/a")],
  [PRODUCTION, "https://app.example.com/in/hooks/a", slug("hooks", "/a")],
  [PRODUCTION, "https://app.example.com/api/v1/sources", app],
  [PRODUCTION, "https://a.b.example.com/", hostname("a.b.example.com", "/", null)],
  [PRODUCTION, "https://notexample.com/", hostname("notexample.com", "/", null)],
  [
    PRODUCTION,
    "https://hooks.shop.kr/in/x/y",
    hostname("hooks.shop.kr", "/in/x/y", slug("x", "/y")),
  ],
])("%o %s", (hosts, url, target) => {
  expect(readTarget(new URL(url), hosts)).toEqual(target);
});
