import { env } from "cloudflare:workers";
import { describe, expect, inject, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { deliver } from "../../src/destinations/deliver.ts";
import type { AttemptInput, OutgoingEvent } from "../../src/destinations/driver.ts";
import { signatureHeader } from "../../src/destinations/sign.ts";
import { eventWith, httpConfig, inputOf } from "../destinations/fixtures.ts";
import type { Received } from "../support/received.ts";

const { BODIES } = env as unknown as { BODIES: R2Bucket };
const SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SEED = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const MEBIBYTE = 1024 * 1024;

let calls = 0;

/** Delivers to the receiver; `behaviour` scripts its answer. */
async function send(
  event: OutgoingEvent,
  {
    behaviour = "ok",
    config = {},
    input = {},
  }: { behaviour?: string; config?: object; input?: Partial<AttemptInput> } = {},
) {
  const key = `driver-${++calls}-end`;
  const url = `${inject("receiverUrl")}/${behaviour}/${key}`;
  const startedAt = Date.now();
  const http = httpConfig(url, { timeoutMs: 1000, ...config });
  const result = await deliver("http", http, inputOf(event, input));
  const tookMs = Date.now() - startedAt;
  const log = await fetch(`${inject("receiverUrl")}/__received?key=${key}`);
  const received: Received[] = await log.json();
  const headers = Object.fromEntries(
    (received[0]?.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { result, received, headers, tookMs, url };
}

function random(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i += 65_536) crypto.getRandomValues(bytes.subarray(i, i + 65_536));
  return bytes;
}

async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** An event whose body is in R2. */
async function eventInR2(bytes: Uint8Array<ArrayBuffer>, more: Partial<OutgoingEvent> = {}) {
  const key = `driver-body-${++calls}`;
  await BODIES.put(key, bytes);
  const openBody = async () => (await BODIES.get(key))?.body ?? null;
  return eventWith("", { size: bytes.length, openBody, ...more });
}

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

  it("a signature covers the exact bytes, streamed ones too", async () => {
    const sign = { scheme: "standard-webhooks", secrets: [SECRET, SECRET] };
    const bytes = random(2 * MEBIBYTE);
    for (const event of [eventWith(bytes), await eventInR2(bytes), eventWith("")]) {
      const sent = await send(event, { config: { sign, timeoutMs: 20_000 } });
      const timestampSeconds = Number(sent.headers["webhook-timestamp"]);
      const parts = { id: "dlv_01k9zzzzzzzzzzzzzzzzzzzzzz", timestampSeconds };
      const body = event.size === 0 ? new Uint8Array() : bytes;
      expect(sent.headers["webhook-signature"]).toBe(
        await signatureHeader([SECRET, SECRET], parts, body),
      );
      expect(sent.received[0]?.size).toBe(event.size);
      const stored = Object.fromEntries(sent.result.request?.headers ?? []);
      expect(stored["webhook-signature"]).toBe("********");
    }
  });

  it.each([
    ["v1", [SECRET, SECRET], 6 * MEBIBYTE],
    ["v1", [SECRET], 25 * MEBIBYTE],
    ["v1a and v1", [SEED, SECRET], 6 * MEBIBYTE],
    ["v1a", [SEED], 25 * MEBIBYTE],
  ])("a signature of %s, over a large body, verifies", async (_, secrets, size) => {
    const sign = { scheme: "standard-webhooks", secrets };
    const bytes = random(size);
    const sent = await send(await eventInR2(bytes), { config: { sign, timeoutMs: 20_000 } });
    expect(sent.received[0]).toMatchObject({ size, sha256: await sha256Hex(bytes) });
    expect(sent.headers["content-length"]).toBe(String(size));
    const timestampSeconds = Number(sent.headers["webhook-timestamp"]);
    const parts = { id: "dlv_01k9zzzzzzzzzzzzzzzzzzzzzz", timestampSeconds };
    expect(sent.headers["webhook-signature"]).toBe(await signatureHeader(secrets, parts, bytes));
  });

  it("HMACs take a large body in pieces: it is opened to be signed, and again to be sent", async () => {
    const event = await eventInR2(random(6 * MEBIBYTE));
    const opened: unknown[] = [];
    const openBody = async () => {
      const body = await event.openBody();
      opened.push(body);
      return body;
    };
    const sign = { scheme: "standard-webhooks", secret: SECRET };
    const config = { sign, timeoutMs: 20_000 };
    const { result } = await send({ ...event, openBody }, { config });
    expect([result.outcome, opened.length]).toEqual([{ ok: true }, 2]);
    const gone = async () => (opened.length++ === 2 ? event.openBody() : null);
    expect((await send({ ...event, openBody: gone }, { config })).result.outcome).toMatchObject({
      reason: "body_missing",
    });
  });

  it("ed25519 has one large body in memory at a time; small ones do not wait", async () => {
    const config = { sign: { scheme: "standard-webhooks", secret: SEED }, timeoutMs: 5000 };
    const large = random(2 * MEBIBYTE);
    const opened: number[] = [];
    const timed = async (bytes: Uint8Array<ArrayBuffer>, timeoutMs = 5000) => {
      const event = await eventInR2(bytes);
      const openBody = async () => {
        opened.push(Date.now());
        return event.openBody();
      };
      const more = { behaviour: "slow/700", config: { ...config, timeoutMs } };
      return (await send({ ...event, openBody }, more)).result.outcome;
    };
    const [first, second, third] = await Promise.all([timed(large), timed(large), timed(large)]);
    expect([first, second, third]).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
    const [one = 0, two = 0, three = 0] = opened;
    expect(Math.min(two - one, three - two)).toBeGreaterThanOrEqual(650);
    opened.length = 0;
    await Promise.all([timed(large), timed(random(300_000))]);
    expect(Math.abs((opened[0] ?? 0) - (opened[1] ?? 0))).toBeLessThan(500);
    opened.length = 0;
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => timed(large, 1500)));
    expect(outcomes).toContainEqual({ ok: true });
    expect(outcomes).toContainEqual({ ok: false, retry: true, reason: "timeout" });
  });

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

  it.each(["hang", "drip", "slow/5000"])(
    "%s strikes the deadline, for headers and body together",
    async (behaviour) => {
      const { result, tookMs } = await send(eventWith("x"), { behaviour });
      expect(result.outcome).toEqual({ ok: false, retry: true, reason: "timeout" });
      expect(tookMs).toBeGreaterThanOrEqual(990);
      expect(tookMs).toBeLessThan(2500);
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
