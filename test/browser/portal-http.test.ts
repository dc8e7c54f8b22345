import { describe, expect, inject, it } from "vitest";
import { readSettings, type Settings } from "../../src/context.ts";
import { jarSender, type SendInput, sendWithJar } from "../../src/portal-http/index.ts";
import type { StoredCookie } from "../../src/session-pairs/index.ts";
import { cookieWith, definitionWith, snapshotWith } from "../unit/portal-http/support.ts";

const site = inject("echoSite");

const settings: Settings = readSettings({
  BASE_DOMAIN: "localhost",
  APP_URL: "http://localhost:8787",
  INGEST_URL: "http://{slug}.localhost:8787",
  MASTER_KEY: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  ALLOW_LOOPBACK: "true",
});

type Asked = {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array<ArrayBuffer> | null;
  cookies?: StoredCookie[];
  values?: Record<string, string>;
  definition?: Record<string, unknown>;
  settings?: Settings;
  timeoutMs?: number;
};

function inputOf(url: string, asked: Asked = {}): SendInput {
  const { method = "GET", headers = {}, body = null, cookies = [], values = {} } = asked;
  return {
    definition: definitionWith({
      origins: [site.first, site.second, site.other],
      health: { url: `${site.first}/me` },
      login: {
        steps: [{ do: "goto", url: site.first }],
        success: { url: "/" },
        form: { url: "/login" },
      },
      ...asked.definition,
    }),
    snapshot: snapshotWith({ cookies, values }),
    settings: asked.settings ?? settings,
    request: { method, url, headers, body },
    timeoutMs: asked.timeoutMs ?? 5_000,
  };
}

/** A request's URL, with what the site is to answer. */
function page(
  origin: string,
  path: string,
  answer: Record<string, string | string[]> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(answer)) {
    for (const one of [value].flat()) query.append(name, one);
  }
  return `${origin}${path}?${query.toString()}`;
}

function redirect(origin: string, path: string, location: string, answer = {}): string {
  return page(origin, path, { status: "302", location, ...answer });
}

/** What the site says it was asked at the end. */
async function asked(input: SendInput) {
  const answer = await sendWithJar(input);
  if (answer.kind === "failed") throw new Error(`failed: ${answer.reason}`);
  const echo = JSON.parse(new TextDecoder().decode(answer.body)) as {
    method: string;
    path: string;
    headers: Record<string, string>;
    body: string;
  };
  return { ...answer, echo };
}

const own = (name: string, value: string, changes: Partial<StoredCookie> = {}) =>
  cookieWith({ name, value, domain: "127.0.0.1", ...changes });

describe("a request", () => {
  it("carries cookies, the snapshot's browser, values, and its bytes as they are", async () => {
    const body = Uint8Array.from({ length: 256 }, (_, i) => i);
    const { echo, status, cookies, url } = await asked(
      inputOf(page(site.first, "/api"), {
        method: "POST",
        headers: { "content-type": "application/octet-stream", Cookie: "sid=stolen", Host: "x.kr" },
        body,
        cookies: [own("sid", "1"), own("csrf", "2")],
        values: { center: "7" },
        definition: { headers: { "center-id": "{value.center}" } },
      }),
    );
    expect([status, cookies, url]).toEqual([200, null, `${site.first}/api?`]);
    expect(echo).toMatchObject({ method: "POST", body: Buffer.from(body).toString("base64") });
    expect(echo.headers).toMatchObject({
      cookie: "sid=1; csrf=2",
      "user-agent": "Mozilla/5.0 (Test)",
      "center-id": "7",
      "content-type": "application/octet-stream",
      host: new URL(site.first).host,
      origin: site.first,
    });
  });

  it("of GET says no origin, and a given origin stays", async () => {
    const get = await asked(inputOf(page(site.first, "/")));
    expect(get.echo.headers.origin).toBeUndefined();
    const headers = { origin: "https://www.example.com" };
    const post = await asked(inputOf(page(site.first, "/"), { method: "POST", headers }));
    expect(post.echo.headers.origin).toBe("https://www.example.com");
  });

  it("with a cookie beyond ASCII leaves it out", async () => {
    const cookies = [own("name", "이름"), own("sid", "1")];
    const { echo } = await asked(inputOf(page(site.first, "/"), { cookies }));
    expect(echo.headers.cookie).toBe("sid=1");
  });

  it("a binary answer comes back byte by byte", async () => {
    const answer = await sendWithJar(inputOf(page(site.first, "/", { do: "bytes" })));
    expect(answer.kind === "answered" && [...answer.body]).toEqual([...Array(256).keys()]);
  });
});

describe("cookies of answers", () => {
  it("are kept over every hop, sent on the next one, and not handed on", async () => {
    const end = page(site.first, "/home", {
      "set-cookie": ["c=3; Path=/", "old=; Path=/; Max-Age=0"],
    });
    const second = redirect(site.first, "/two", end, {
      "set-cookie": ["a=2; Path=/", "b=2; Path=/home; HttpOnly"],
    });
    const first = redirect(site.first, "/one", second, { "set-cookie": "a=1; Path=/" });
    const answer = await asked(inputOf(first, { cookies: [own("old", "1")] }));
    expect(answer.echo.headers.cookie).toBe("b=2; old=1; a=2");
    expect(answer.cookies?.map(({ name, value }) => `${name}=${value}`)).toEqual([
      "a=2",
      "b=2",
      "c=3",
    ]);
    expect(answer.headers.map(([name]) => name)).not.toContain("set-cookie");
    expect(answer.url).toBe(end);
  });

  it("that are the same again change nothing", async () => {
    const url = page(site.first, "/", { "set-cookie": "sid=1; Path=/; HttpOnly; Secure" });
    expect((await asked(inputOf(url, { cookies: [own("sid", "1")] }))).cookies).toBeNull();
  });

  it("in UTF-8 are kept as text", async () => {
    const url = page(site.first, "/", { "set-cookie": "name=이름; Path=/" });
    expect((await asked(inputOf(url))).cookies?.[0]?.value).toBe("이름");
  });

  it("expire by the given clock", async () => {
    const later = Date.now() + 3_600_000;
    const send = jarSender(() => later);
    const cookies = [
      own("short", "1", { expires: later / 1000 - 1 }),
      own("long", "1", { expires: later / 1000 + 9 }),
    ];
    const url = page(site.first, "/", { "set-cookie": "new=1; Path=/; Max-Age=60" });
    const answer = await send(inputOf(url, { cookies }));
    if (answer.kind === "failed") throw new Error(answer.reason);
    expect(new TextDecoder().decode(answer.body)).toContain('"cookie":"long=1"');
    expect(answer.cookies?.map(({ name, expires }) => [name, expires])).toEqual([
      ["long", later / 1000 + 9],
      ["new", Math.floor(later / 1000) + 60],
    ]);
  });
});

describe("redirects", () => {
  const body = new Uint8Array(new TextEncoder().encode("form"));
  it.each([
    ["302", "GET", ""],
    ["303", "GET", ""],
    ["307", "POST", "Zm9ybQ=="],
    ["308", "POST", "Zm9ybQ=="],
  ])("%s of a POST", async (status, method, sent) => {
    const url = page(site.first, "/form", { status, location: "/done" });
    const headers = { "content-type": "text/plain" };
    const { echo } = await asked(inputOf(url, { method: "POST", headers, body }));
    expect([echo.method, echo.path, echo.body]).toEqual([method, "/done", sent]);
    expect(echo.headers["content-type"]).toBe(method === "POST" ? "text/plain" : undefined);
  });

  it("to another allowed origin go without what shows the session", async () => {
    const url = page(site.first, "/", { status: "307", location: `${site.second}/x` });
    const { echo } = await asked(
      inputOf(url, {
        method: "POST",
        headers: { authorization: "Bearer 1", "x-plain": "1", "idempotency-key": "k" },
        cookies: [own("sid", "1"), cookieWith({ domain: "elsewhere.example" })],
        values: { center: "7" },
        definition: { headers: { "center-id": "{value.center}" } },
      }),
    );
    expect(echo.headers).toMatchObject({ "x-plain": "1", "idempotency-key": "k", cookie: "sid=1" });
    expect(echo.headers.authorization).toBeUndefined();
    expect(echo.headers["center-id"]).toBeUndefined();
  });

  it("to another site bring the cookies that browsers would bring, and back again all", async () => {
    const cookies = [
      ...(["Strict", "Lax", "None"] as const).map((sameSite) =>
        cookieWith({ name: sameSite, domain: "localhost", sameSite }),
      ),
      own("home", "1", { sameSite: "Strict" }),
    ];
    const away = await asked(inputOf(redirect(site.first, "/", `${site.other}/x`), { cookies }));
    expect(away.echo.headers.cookie).toBe("Lax=1; None=1");
    const there = redirect(site.other, "/x", `${site.first}/y`);
    const back = await asked(inputOf(redirect(site.first, "/", there), { cookies }));
    expect(back.echo.headers.cookie).toBe("home=1");
  });

  it("leave no fragment in the address", async () => {
    const { url } = await asked(inputOf(redirect(site.first, "/", "/home#/list")));
    expect(url).toBe(`${site.first}/home`);
  });

  it("with a raw UTF-8 address are followed", async () => {
    const { echo } = await asked(inputOf(redirect(site.first, "/", "/목록")));
    expect(echo.path).toBe("/%EB%AA%A9%EB%A1%9D");
  });

  it("ten are followed, eleven are a loop", async () => {
    const chain = (hops: number) => {
      let url = page(site.first, "/end");
      for (let i = 0; i < hops; i++) url = redirect(site.first, `/${i}`, url);
      return url;
    };
    expect((await asked(inputOf(chain(10)))).echo.path).toBe("/end");
    const loop = { kind: "failed", reason: "redirect_loop", sent: true };
    expect(await sendWithJar(inputOf(chain(11)))).toEqual(loop);
  });

  it("to an origin that is not allowed end there: nothing was sent to it", async () => {
    const definition = { origins: [site.first] };
    const url = redirect(site.first, "/", `${site.second}/secret-place`);
    expect(await sendWithJar(inputOf(url, { definition }))).toEqual({
      kind: "failed",
      reason: "origin_left",
      sent: true,
    });
    const direct = inputOf(page(site.second, "/"), { definition });
    expect(await sendWithJar(direct)).toEqual({
      kind: "failed",
      reason: "origin_left",
      sent: false,
    });
  });

  it("to another scheme end there", async () => {
    const url = redirect(site.first, "/", "intent://open");
    expect(await sendWithJar(inputOf(url))).toMatchObject({ reason: "origin_left", sent: true });
  });

  it("without a place to go are answers", async () => {
    const answer = await asked(inputOf(page(site.first, "/", { status: "302" })));
    expect(answer.status).toBe(302);
  });
});

describe("egress", () => {
  it.each([
    ["this machine in production", { ...settings, allowLoopback: false }, site.first],
    ["a private network", settings, "https://10.0.0.1"],
    ["http on the internet", settings, "http://example.com"],
    ["a port of no web server", settings, "https://example.com:25"],
  ])("%s is not called", async (_, given, origin) => {
    const input = inputOf(`${origin}/`, { settings: given, definition: { origins: [origin] } });
    const failure = { kind: "failed", reason: "connection_failed", sent: false };
    expect(await sendWithJar(input)).toEqual(failure);
  });

  it("a name that leads to a private network is not called", async () => {
    const given = { ...settings, dohUrl: inject("dohUrl") };
    const definition = { origins: ["https://private.portal-http.example.com"] };
    const input = inputOf("https://private.portal-http.example.com/", {
      settings: given,
      definition,
    });
    expect(await sendWithJar(input)).toMatchObject({ reason: "connection_failed", sent: false });
  });
});

describe("answers that go wrong", () => {
  it.each([
    ["never comes", "hang", "timeout"],
    ["drips on and on", "drip", "timeout"],
    ["breaks off at once", "reset", "connection_failed"],
    ["is shorter than it says", "truncated", "connection_failed"],
    ["lacks its last chunk", "truncated-chunks", "connection_failed"],
    ["is packed and broken off", "truncated-gzip", "connection_failed"],
    ["has no end", "endless", "too_large"],
  ])("one that %s", async (_, verb, reason) => {
    const timeoutMs = reason === "timeout" ? 700 : 15_000;
    const answer = await sendWithJar(inputOf(page(site.first, "/", { do: verb }), { timeoutMs }));
    expect(answer).toEqual({ kind: "failed", reason, sent: true });
  });

  it("the deadline is over all redirects and the last body", async () => {
    const late = page(site.first, "/", { do: "hang" });
    const url = redirect(site.first, "/", late, { "set-cookie": "a=1" });
    expect(await sendWithJar(inputOf(url, { timeoutMs: 700 }))).toMatchObject({
      reason: "timeout",
    });
  });

  it("nobody listens: it may have been sent all the same", async () => {
    const definition = { origins: ["http://127.0.0.1:9"] };
    const answer = await sendWithJar(inputOf("http://127.0.0.1:9/", { definition }));
    expect(answer).toEqual({ kind: "failed", reason: "connection_failed", sent: true });
  });

  it.each(["CONNECT", "FOO", ""])(
    "the method `%s`, which cannot be sent, was not",
    async (method) => {
      const answer = await sendWithJar(inputOf(page(site.first, "/"), { method }));
      expect(answer).toEqual({ kind: "failed", reason: "connection_failed", sent: false });
    },
  );

  const LIMIT = 10 * 1024 * 1024;
  it("10 MiB come whole, a byte more does not, packed or not", async () => {
    const sized = (bytes: number, verb: string) =>
      sendWithJar(
        inputOf(page(site.first, "/", { do: verb, bytes: String(bytes) }), { timeoutMs: 15_000 }),
      );
    const whole = await sized(LIMIT, "big");
    expect(whole.kind === "answered" && whole.body.byteLength).toBe(LIMIT);
    const failure = { kind: "failed", reason: "too_large", sent: true };
    expect(await sized(LIMIT + 1, "big")).toEqual(failure);
    expect(await sized(LIMIT + 1, "big-gzip")).toEqual(failure);
  });

  it.each(["gzip", "br"])("%s is unpacked, and its headers are gone", async (verb) => {
    const answer = await sendWithJar(inputOf(page(site.first, "/", { do: verb })));
    if (answer.kind === "failed") throw new Error(answer.reason);
    expect(new TextDecoder().decode(answer.body)).toBe("packed ".repeat(1_000));
    const names = answer.headers.map(([name]) => name);
    expect(names).not.toContain("content-encoding");
    expect(names).not.toContain("content-length");
  });

  it("HEAD and 204 have no body", async () => {
    const head = await sendWithJar(inputOf(page(site.first, "/"), { method: "HEAD" }));
    const none = await sendWithJar(inputOf(page(site.first, "/", { status: "204" })));
    expect(head).toMatchObject({ kind: "answered", status: 200, body: new Uint8Array() });
    expect(none).toMatchObject({ kind: "answered", status: 204, body: new Uint8Array() });
  });
});
