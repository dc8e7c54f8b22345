import { beforeAll, describe, expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { count, edgeEnv, makeSource, randomBytes, send, storedEvent, streamOf } from "./support.ts";

beforeAll(async () => {
  await makeSource("hooks", { hostname: "hooks.shop.kr" });
  await makeSource("styled", {
    response: {
      status: 200,
      headers: { "content-type": "text/plain", "x-own": "1" },
      body: "접수",
    },
  });
  await makeSource("empty", { response: { status: 204, headers: {}, body: "" } });
});

describe("a source is reached by", () => {
  it.each([
    ["its wildcard host", "http://hooks.localhost/orders/1?a=1", "/orders/1"],
    ["the path on the app host", "http://localhost/in/hooks/orders/1?a=1", "/orders/1"],
    ["the path without a rest", "http://localhost/in/hooks?a=1", "/"],
    [
      "the path on any other name of the app host",
      "http://127.0.0.1/in/hooks/orders/1?a=1",
      "/orders/1",
    ],
    ["its own hostname", "https://hooks.shop.kr/orders/1?a=1", "/orders/1"],
    ["upper-case letters in the name", "http://HOOKS.localhost/orders/1?a=1", "/orders/1"],
  ])("%s", async (_, url, path) => {
    const response = await send(url, { method: "POST", body: "x" });
    expect(response.status).toBe(202);
    const event = await storedEvent(response);
    expect(await response.json()).toEqual({ id: event.id });
    expect(event).toMatchObject({ source_id: "src_hooks", path, query: "a=1", status: "stored" });
  });
});

it("everything else is handed to the app", async () => {
  for (const url of [
    "http://localhost/api/v1/sources",
    "http://127.0.0.1/",
    "http://app.localhost/x",
  ]) {
    expect(await (await send(url)).json()).toMatchObject({ app: true, url });
  }
});

describe("a request is stored as it came", () => {
  it.each(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE", "PROPFIND"])(
    "method %s",
    async (method) => {
      const response = await send("http://hooks.localhost/m", { method });
      expect(response.status).toBe(202);
      expect((await storedEvent(response)).method).toBe(method);
    },
  );

  it("headers, query, host, address and network facts", async () => {
    const response = await send("http://hooks.localhost/p%20q?x=%ED%95%9C&x=2&y", {
      method: "POST",
      headers: {
        "X-Kind": "new",
        "content-type": "text/plain; charset=euc-kr",
        "cf-connecting-ip": "203.0.113.9",
      },
      body: "x",
    });
    const event = await storedEvent(response);
    expect(event).toMatchObject({
      host: "hooks.localhost",
      path: "/p%20q",
      query: "x=%ED%95%9C&x=2&y",
      content_type: "text/plain; charset=euc-kr",
      ip: "203.0.113.9",
      hops: 0,
    });
    const headers = JSON.parse(event.headers) as [string, string][];
    expect(headers).toContainEqual(["x-kind", "new"]);
    expect(headers.map(([name]) => name)).not.toContain("cf-connecting-ip");
  });

  it("facts of the connection", async () => {
    const cf = { country: "KR", asn: 9318, tlsVersion: "TLSv1.3", clientTrustScore: 99 };
    const response = await send("http://hooks.localhost/n", { cf } as RequestInit);
    expect(JSON.parse((await storedEvent(response)).network)).toEqual({
      country: "KR",
      asn: 9318,
      tlsVersion: "TLSv1.3",
    });
  });

  it("a body that comes byte by byte", async () => {
    const bytes = randomBytes(3000);
    const response = await send("http://hooks.localhost/b", {
      method: "POST",
      body: streamOf(bytes, 1),
    });
    expect((await storedEvent(response)).sha256).toBe(await sha256Hex(bytes));
  });

  it.each([
    ["nothing", 0],
    ["1 byte", 1],
    ["256 KiB, the last that stays in the row", 256 * 1024],
  ])("a body of %s in the row", async (_, size) => {
    const bytes = randomBytes(size);
    const response = await send("http://hooks.localhost/b", { method: "POST", body: bytes });
    const event = await storedEvent(response);
    expect(event).toMatchObject({ size, sha256: await sha256Hex(bytes), body_key: null });
    expect(new Uint8Array(event.body ?? new ArrayBuffer())).toEqual(bytes);
  });

  it.each([
    ["with a length", 256 * 1024 + 1, false],
    ["with a length", 6 * 1024 * 1024, false],
    ["without a length, one object", 300 * 1024, true],
    ["without a length, in parts", 11 * 1024 * 1024 + 7, true],
    ["without a length, in parts that fill up exactly", 10 * 1024 * 1024, true],
  ])("a large body %s (%i bytes) in R2", async (_, size, chunked) => {
    const bytes = randomBytes(size);
    const body = chunked ? streamOf(bytes) : bytes;
    const response = await send("http://hooks.localhost/b", { method: "POST", body });
    const event = await storedEvent(response);
    expect(event).toMatchObject({ size, sha256: await sha256Hex(bytes), body: null });
    const object = await edgeEnv.BODIES.get(event.body_key ?? "");
    expect(await sha256Hex(new Uint8Array((await object?.arrayBuffer()) ?? []))).toBe(event.sha256);
  });

  it("a small body without a length in the row", async () => {
    const response = await send("http://hooks.localhost/b", {
      method: "POST",
      body: streamOf(randomBytes(1000), 300),
    });
    expect(await storedEvent(response)).toMatchObject({ size: 1000, body_key: null });
  });

  it("bytes that are no UTF-8", async () => {
    const bytes = new Uint8Array([0xff, 0xfe, 0x00, 0x80, 0x0a, 0x0d]);
    const response = await send("http://hooks.localhost/b", { method: "POST", body: bytes });
    expect(new Uint8Array((await storedEvent(response)).body ?? new ArrayBuffer())).toEqual(bytes);
  });
});

describe("the answer", () => {
  it("is the source's own where it has one, and still names the event", async () => {
    const response = await send("http://styled.localhost/", { method: "POST", body: "x" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("접수");
    expect(response.headers.get("x-own")).toBe("1");
    expect((await storedEvent(response)).source_id).toBe("src_styled");
  });

  it("cannot act as a page of the app, under whose origin it may come", async () => {
    const response = await send("http://localhost/in/styled/", { method: "POST", body: "x" });
    expect(response.headers.get("content-security-policy")).toBe("sandbox");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("may be without a body", async () => {
    const response = await send("http://empty.localhost/", { method: "POST", body: "x" });
    expect(response.status).toBe(204);
    expect((await storedEvent(response)).source_id).toBe("src_empty");
  });

  it("to the health check of an ingest host stores nothing", async () => {
    const before = await count("events");
    const response = await send("http://hooks.localhost/.well-known/baton/health");
    expect(await response.json()).toEqual({ status: "ok" });
    expect(await count("events")).toBe(before);
  });
});
