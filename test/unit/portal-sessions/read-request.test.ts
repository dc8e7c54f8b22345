import { describe, expect, it } from "vitest";
import { BatonError } from "../../../src/errors.ts";
import { readRequest } from "../../../src/portal-sessions/read-request.ts";
import { PortalRequest } from "../../../src/portal-sessions/schemas.ts";

const SITE = {
  baseUrl: "https://shop.example.com/center",
  origins: ["https://shop.example.com", "https://api.example.com"],
};
const read = (input: object) => readRequest(PortalRequest.parse({ method: "GET", ...input }), SITE);

function refusalOf(input: object): { path: string; message: string }[] {
  try {
    read(input);
  } catch (error) {
    if (error instanceof BatonError && error.code === "refused") return error.errors ?? [];
    throw error;
  }
  return [];
}

describe("a request to a site", () => {
  it("has its path below the base URL, and waits 30 s unless it says otherwise", () => {
    expect(read({ path: "/partners?page=1#top", headers: { "X-Page": "1" } })).toEqual({
      method: "GET",
      url: "https://shop.example.com/center/partners?page=1",
      headers: { "x-page": "1" },
      body: null,
      waitMs: 30_000,
      idempotencyKey: null,
    });
  });

  it("may be on every origin of the portal", () => {
    expect(read({ url: "https://api.example.com/x" }).url).toBe("https://api.example.com/x");
    expect(read({ path: "/../x" }).url).toBe("https://shop.example.com/x");
    expect(read({ path: "//evil.example/x" }).url).toBe(
      "https://shop.example.com/center//evil.example/x",
    );
    expect(read({ path: "/\\evil.example" }).url).toMatch(/^https:\/\/shop\.example\.com\//);
  });

  it("has a text or bytes as its body", () => {
    const bytes = (input: object) => [
      ...(read({ method: "POST", path: "/", ...input }).body ?? []),
    ];
    expect(bytes({ body: "é" })).toEqual([0xc3, 0xa9]);
    expect(bytes({ bodyBase64: "/wA=" })).toEqual([0xff, 0]);
    expect(bytes({ body: "" })).toEqual([]);
  });

  it.each<[object, string]>([
    [{}, "url"],
    [{ url: "https://api.example.com/", path: "/" }, "url"],
    [{ url: "https://evil.example/" }, "url"],
    [{ url: "http://shop.example.com/" }, "url"],
    [{ url: "https://shop.example.com:8443/" }, "url"],
    [{ url: "https://a:b@shop.example.com/" }, "url"],
    [{ url: "https://shop.example.com.evil.example/" }, "url"],
    [{ url: "javascript:alert(1)" }, "url"],
    [{ url: "file:///etc/passwd" }, "url"],
    [{ url: "/partners" }, "url"],
    [{ url: "partners" }, "url"],
    [{ url: "?page=2" }, "url"],
    [{ url: "@evil.example/" }, "url"],
    [{ path: "https://evil.example/" }, "path"],
    [{ path: "partners" }, "path"],
    [{ path: "/", body: "x" }, "body"],
    [{ path: "/", method: "HEAD", bodyBase64: "" }, "bodyBase64"],
    [{ path: "/", method: "POST", body: "x", bodyBase64: "eA==" }, "bodyBase64"],
    [{ path: "/", headers: { Cookie: "a=b" } }, "headers.Cookie"],
    [{ path: "/", headers: { authorization: "x" } }, "headers.authorization"],
    [{ path: "/", headers: { "Transfer-Encoding": "chunked" } }, "headers.Transfer-Encoding"],
    [{ path: "/", headers: { connection: "close" } }, "headers.connection"],
    [{ path: "/", headers: { host: "evil.example" } }, "headers.host"],
    [{ path: "/", headers: { "content-length": "1" } }, "headers.content-length"],
    [{ path: "/", headers: { "proxy-authorization": "x" } }, "headers.proxy-authorization"],
    [{ path: "/", headers: { "idempotency-key": "k" } }, "headers.idempotency-key"],
  ])("%j is refused by its field", (input, path) => {
    expect(refusalOf(input).map((error) => error.path)).toEqual([path]);
  });

  it.each<[object, string]>([
    [{ path: "/", waitMs: 60_001 }, "waitMs"],
    [{ path: "/", waitMs: -1 }, "waitMs"],
    [{ path: "/", method: "TRACE" }, "method"],
    [{ path: "/", headers: { "x y": "1" } }, "headers"],
    [{ path: "/", headers: { x: "a\r\nb: c" } }, "headers"],
    [{ path: "/", bodyBase64: "not base64" }, "bodyBase64"],
    [{ path: "/", idempotencyKey: "a\nb" }, "idempotencyKey"],
    [{ path: "/", timeout: 1 }, "timeout"],
  ])("%j has no right shape", (input, field) => {
    const parsed = PortalRequest.safeParse({ method: "POST", ...input });
    expect(JSON.stringify(parsed.error?.issues)).toContain(field);
  });
});
