import { describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { deliver } from "../../src/destinations/deliver.ts";
import { eventWith, httpConfig, inputOf } from "../destinations/fixtures.ts";
import { eventInR2, gzip, MEBIBYTE, random, SECRET, send } from "./driver.ts";

describe("on the wire", () => {
  it("method, path, query, headers and bytes arrive as captured", async () => {
    const body = new Uint8Array([0, 255, 254, 10, 13, 128]);
    const { result, received, headers, url } = await send(
      eventWith(body, {
        method: "PATCH",
        path: "/a%2Fb/%ED%95%9C",
        query: "b=%20+&&c",
        headers: [
          ["content-type", "application/octet-stream"],
          ["x-custom", "one, two"],
          ["authorization", "Bearer theirs"],
        ],
        hops: 1,
      }),
      { config: { appendPath: true, headers: { "x-api-key": "mine" } }, input: { number: 4 } },
    );
    expect(result.outcome).toEqual({ ok: true });
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      method: "PATCH",
      url: `${new URL(url).pathname}/a%2Fb/%ED%95%9C?b=%20+&&c`,
      sha256: await sha256Hex(body),
    });
    expect(headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "6",
      "x-custom": "one, two",
      "x-api-key": "mine",
      "webhook-id": "dlv_01k9zzzzzzzzzzzzzzzzzzzzzz",
      "x-baton-event-id": "evt_01k9zzzzzzzzzzzzzzzzzzzzzz",
      "x-baton-attempt": "4",
      "x-baton-hops": "2",
      "user-agent": "Baton/1",
    });
    expect(Math.abs(Number(headers["webhook-timestamp"]) - Date.now() / 1000)).toBeLessThan(5);
    expect(headers.authorization).toBeUndefined();
    expect(headers["transfer-encoding"]).toBeUndefined();
    const stored = Object.fromEntries(result.request?.headers ?? []);
    expect(stored["x-api-key"]).toBe("********");
    expect(result.requestBody).toBeUndefined();
    expect(result.response).toMatchObject({ status: 200, truncated: false });
    expect(new TextDecoder().decode(result.responseBody)).toBe("ok");
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET", "HEAD", "PURGE", "TRACE"])(
    "%s without a body",
    async (method) => {
      const { result, received } = await send(eventWith("", { method }));
      expect(result.outcome).toEqual({ ok: true });
      expect(received[0]).toMatchObject({ method, size: 0 });
    },
  );

  it("a gzip body stays as it is, buffered and streamed", async () => {
    const bytes = await gzip("hello ".repeat(1000));
    const headers: [string, string][] = [
      ["content-type", "application/json"],
      ["content-encoding", "gzip"],
    ];
    for (const event of [eventWith(bytes, { headers }), await eventInR2(bytes, { headers })]) {
      const sent = await send(event);
      expect(sent.received[0]).toMatchObject({ sha256: await sha256Hex(bytes) });
      expect(sent.headers["content-encoding"]).toBe("gzip");
      expect(sent.headers["content-length"]).toBe(String(bytes.length));
    }
  });

  it.each([300_000, 5 * MEBIBYTE, 25 * MEBIBYTE])(
    "a body of %d bytes streams from R2 with its length",
    async (size) => {
      const bytes = random(size);
      const sent = await send(await eventInR2(bytes), { config: { timeoutMs: 20_000 } });
      expect(sent.result.outcome).toEqual({ ok: true });
      expect(sent.received[0]).toMatchObject({ size, sha256: await sha256Hex(bytes) });
      expect(sent.headers["content-length"]).toBe(String(size));
      expect(sent.headers["transfer-encoding"]).toBeUndefined();
    },
  );

  it("a header value beyond ASCII does not stop the call", async () => {
    const sent = await send(eventWith("x", { headers: [["x-name", "café 한"]] }));
    const bytes = Uint8Array.from(sent.headers["x-name"] ?? "", (char) => char.charCodeAt(0));
    expect(new TextDecoder().decode(bytes)).toBe("café 한");
  });
});

describe("what comes back", () => {
  it.each([
    ["status/204", { ok: true }],
    ["status/302", { ok: false, retry: true, reason: "redirect" }],
    ["status/404", { ok: false, retry: true, reason: "http_status" }],
    ["status/410", { ok: false, retry: false, reason: "gone", effect: "disable" }],
    ["status/500", { ok: false, retry: true, reason: "http_status" }],
    ["retry-after/7", { ok: false, retry: true, reason: "rate_limited", retryAfterMs: 7000 }],
  ])("%s", async (behaviour, outcome) => {
    const { result, received } = await send(eventWith("x"), { behaviour });
    expect(result.outcome).toEqual(outcome);
    expect(result.request).toMatchObject({ method: "POST" });
    expect(received).toHaveLength(1);
  });

  // None of them ends by itself: not before the test's own deadline, and not with a time-out between two bytes.
  it.each(["hang", "drip", "slow/600000"])(
    "%s strikes the deadline, for headers and body together",
    async (behaviour) => {
      const { result, tookMs } = await send(eventWith("x"), { behaviour });
      expect(result.outcome).toEqual({ ok: false, retry: true, reason: "timeout" });
      expect(tookMs).toBeGreaterThanOrEqual(990);
    },
  );

  it.each([
    [256 * 1024, false],
    [256 * 1024 + 1, true],
    [20 * MEBIBYTE, true],
  ])("an answer of %d bytes is kept up to 256 KiB", async (size, truncated) => {
    const { result } = await send(eventWith("x"), { behaviour: `big/${size}` });
    expect(result.outcome).toEqual({ ok: true });
    expect(result.responseBody?.byteLength).toBe(256 * 1024);
    expect(result.response?.truncated).toBe(truncated);
  });
});

describe("what is not sent", () => {
  it.each(["GET", "HEAD"])("a body on %s", async (method) => {
    const { result, received } = await send(eventWith("x", { method }));
    expect(result.outcome).toEqual({ ok: false, retry: false, reason: "unsendable_request" });
    expect(result.request).toMatchObject({ method });
    expect(received).toEqual([]);
  });

  it.each(["CONNECT", "TRACK", "NONSENSE"])("a %s", async (method) => {
    const { result } = await send(eventWith("", { method }));
    expect(result.outcome).toEqual({ ok: false, retry: false, reason: "unsendable_request" });
  });

  it("a body that is gone from R2, signed or not", async () => {
    const event = eventWith("", { size: 5, openBody: async () => null });
    const sign = { scheme: "standard-webhooks", secret: SECRET };
    for (const config of [{}, { sign }]) {
      const { result, received } = await send(event, { config });
      expect(result.outcome).toEqual({ ok: false, retry: false, reason: "body_missing" });
      expect(received).toEqual([]);
    }
  });

  it("a call to a host that may not be called", async () => {
    const input = inputOf(eventWith("x"));
    for (const url of ["http://10.0.0.1/", "http://localhost:8787/in/demo", "nonsense"]) {
      const { outcome } = await deliver("http", { ...httpConfig("http://x.org"), url }, input);
      expect(outcome).toEqual({ ok: false, retry: false, reason: "blocked_url" });
    }
  });
});

it("reports a connection that is dropped", async () => {
  const { result } = await send(eventWith("x"), { behaviour: "reset" });
  expect(result.outcome).toEqual({ ok: false, retry: true, reason: "connection_failed" });
  expect(result.request).toMatchObject({ method: "POST" });
});

it("reports a port where nobody listens", async () => {
  const config = httpConfig("http://127.0.0.1:1/");
  for (const event of [eventWith("x"), await eventInR2(random(MEBIBYTE))]) {
    const { outcome } = await deliver("http", config, inputOf(event));
    expect(outcome).toEqual({ ok: false, retry: true, reason: "connection_failed" });
  }
});
