import { beforeAll, describe, expect, it } from "vitest";
import { makeChannel, openSession, relay, relayWith, statusOf } from "./kakao-support.ts";

beforeAll(async () => {
  await makeChannel("kakao");
  await makeChannel("kakao-two");
});

describe("the relay's router", () => {
  it("/ leads to /dashboard/", async () => {
    const { status, headers } = await relayWith({}, "GET", "/");
    expect([status, headers.get("location")]).toEqual([302, "/dashboard/"]);
    expect((await relay("GET", "/dashboard/")).status).toBe(200);
  });

  it.each(["/health", "//health", "/kakao/kakao-two/health"])(
    "GET and HEAD %s say that it is there, with or without a token",
    async (path) => {
      const { status, json } = await relay("GET", path, undefined, { authorization: "Bearer x" });
      expect([status, json]).toMatchObject([200, { status: "ok", timestamp: expect.any(Number) }]);
      const head = await relay("HEAD", path);
      expect([head.status, head.text]).toEqual([200, ""]);
    },
  );

  it.each([
    ["GET", "/kakao/webhook"],
    ["PUT", "/kakao-talkchannel/webhook"],
    ["DELETE", "/kakao/kakao-two/webhook"],
    ["GET", "/v1/sessions/create"],
    ["POST", "/v1/sessions/x/status"],
    ["GET", "/v1/sessions/x/codes"],
    ["POST", "/health"],
    ["POST", "/"],
  ])("%s %s is 405 without a body", async (method, path) => {
    const { status, text, headers } = await relay(method, path);
    expect([status, text]).toEqual([405, ""]);
    expect(headers.get("allow")).toBeTruthy();
  });

  it.each([
    ["GET", "/kakao"],
    ["POST", "/kakao/webhook/"],
    ["POST", "/kakao/kakao-two/other"],
    ["GET", "/kakao-talkchannel/x"],
    ["GET", "/v1/sessions"],
    ["GET", "/v1/sessions/x"],
    ["POST", "/v1/sessions/x/other"],
  ])("%s %s is 404 as text", async (method, path) => {
    const { status, text, headers } = await relay(method, path);
    expect([status, text.trim()]).toEqual([404, "404 page not found"]);
    expect(headers.get("content-type")).toContain("text/plain");
  });

  it("asks for a token before it says that a path does not exist", async () => {
    for (const path of ["/v1/other", "/openclaw/other", "/kakao/kakao-two/v1/other"]) {
      const { status, json } = await relay("GET", path);
      expect([path, status, json]).toEqual([path, 401, { error: "Missing authentication token" }]);
    }
  });

  it("a declared body over 1 MiB is 413 everywhere", async () => {
    const body = new Uint8Array(1024 * 1024 + 1);
    for (const path of ["/v1/sessions/create", "/openclaw/reply", "/kakao-talkchannel/webhook"]) {
      const { status, json } = await relay("POST", path, body);
      expect([path, status, json]).toEqual([path, 413, { error: "Request body too large" }]);
    }
  });

  it("a relay's URL may name a source, and may end with a slash; tokens are good everywhere", async () => {
    const session = await openSession("/kakao/kakao-two");
    expect(session.sessionToken).toMatch(/^[0-9a-f]{64}$/);
    expect((await statusOf(session)).json).toEqual({ status: "pending_pairing" });
    const path = `/v1/sessions/${session.sessionToken}/status`;
    for (const prefix of ["/", "/kakao/kakao-two", "/kakao/KAKAO-TWO"]) {
      expect((await relay("GET", prefix + path)).json).toEqual({ status: "pending_pairing" });
    }
    const unknown = await relay("POST", "/kakao/kakao-none/v1/sessions/create");
    expect([unknown.status, unknown.json.error]).toEqual([
      404,
      expect.stringContaining("kakao-none"),
    ]);
  });

  it("no answer lets another site's page read it", async () => {
    const { headers } = await relay("POST", "/v1/sessions/create", "{}", {
      origin: "https://elsewhere.example",
    });
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});
