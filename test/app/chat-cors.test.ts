import { beforeAll, describe, expect, it } from "vitest";
import { type ChatTenant, callChat, callChatWith, makeChat, makeChatter } from "./chat-callers.ts";
import { call, fetchApp } from "./support.ts";

/*
 * Pages of other origins may call a chat when the deployment names them (CLIENT_URL, for its own chat only) or when the
 * chat's organization allows them. http://localhost:4200, where the reference client is developed, is good in a local
 * session, as this one is.
 */

const CLIENT = "https://chat.example.com";
const SECOND = "https://two.example.com";
const OURS = "https://app.of-the-organization.example";
const THEIRS = "https://app.of-another.example";
const DEVELOPMENT = "http://localhost:4200";
const VARS = { CLIENT_URL: `${CLIENT}, ${SECOND}` };
const DEPLOYED = {
  ...VARS,
  BASE_DOMAIN: "example.com",
  APP_URL: "https://app.example.com",
  ALLOW_LOOPBACK: "false",
};

let chat: ChatTenant;
let token: string;

beforeAll(async () => {
  chat = await makeChat("chat");
  const other = await makeChat("chat-of-another");
  await call(chat, "PATCH", "/organization", { allowedOrigins: [OURS] });
  await call(other, "PATCH", "/organization", { allowedOrigins: [THEIRS] });
  token = (await makeChatter(chat, "alice")).token;
});

function preflight(origin: string, path = "/chat/prod/conversations", vars: object = VARS) {
  return callChatWith(vars, "OPTIONS", path, undefined, {
    origin,
    "access-control-request-method": "GET",
    "access-control-request-headers": "authorization",
  });
}

function get(
  origin: string,
  path: string,
  headers: Record<string, string> = {},
  vars: object = VARS,
) {
  return callChatWith(vars, "GET", path, undefined, { origin, ...headers });
}

const words = (text: string | null) =>
  (text ?? "")
    .toLowerCase()
    .split(/\s*,\s*/)
    .toSorted();

describe("a preflight", () => {
  it.each([CLIENT, SECOND, OURS, DEVELOPMENT])(
    "of %s is answered as the contract says",
    async (origin) => {
      const { status, text, headers } = await preflight(origin);
      expect([status, text]).toEqual([204, ""]);
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-allow-credentials")).toBe("true");
      expect(words(headers.get("access-control-allow-methods"))).toEqual([
        "delete",
        "get",
        "options",
        "patch",
        "post",
        "put",
      ]);
      expect(words(headers.get("access-control-allow-headers"))).toEqual([
        "authorization",
        "content-type",
        "x-amz-date",
        "x-api-key",
      ]);
      expect(words(headers.get("vary"))).toContain("origin");
    },
  );

  it.each([
    THEIRS,
    "https://elsewhere.example",
    "http://chat.example.com",
    `${CLIENT}.evil.example`,
    "null",
  ])("of %s is refused", async (origin) => {
    const { status, headers } = await preflight(origin);
    expect([status, headers.get("access-control-allow-origin")]).toEqual([403, null]);
    expect(words(headers.get("vary"))).toContain("origin");
  });

  it("of another chat: its organization's origins, and not those of the deployment's own", async () => {
    const path = "/chat/chat-of-another/conversations";
    expect((await preflight(THEIRS, path)).status).toBe(204);
    for (const origin of [CLIENT, OURS]) expect((await preflight(origin, path)).status).toBe(403);
    expect((await preflight(CLIENT, "/chat/chat/conversations")).status).toBe(204);
  });

  it("of localhost:4200 is refused where Baton is deployed", async () => {
    expect((await preflight(DEVELOPMENT, "/chat/me", DEPLOYED)).status).toBe(403);
    expect((await preflight(CLIENT, "/chat/me", DEPLOYED)).status).toBe(204);
  });
});

describe("an answer", () => {
  it("can be read by allowed pages, whatever it is", async () => {
    const cases = [
      ["/chat/me", { authorization: token }, 200],
      ["/chat/me", {}, 401],
      ["/chat/me?x=1", { authorization: token }, 400],
      ["/chat/conversation", {}, 405],
      ["/chat/conversations/x/y", {}, 404],
    ] as const;
    for (const [path, headers, expected] of cases) {
      const answer = await get(CLIENT, path, headers);
      expect([path, answer.status]).toEqual([path, expected]);
      expect([path, answer.headers.get("access-control-allow-origin")]).toEqual([path, CLIENT]);
      expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
      expect(words(answer.headers.get("access-control-expose-headers"))).toEqual([
        "retry-after",
        "www-authenticate",
      ]);
    }
  });

  it("that nothing can be asked now can be read by the deployment's pages", async () => {
    const prepare = () => {
      throw new Error("down");
    };
    const { status, headers } = await get(CLIENT, "/chat/me", {}, { ...VARS, DB: { prepare } });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([503, CLIENT]);
  });

  it("says nothing to others, nor without an origin", async () => {
    const elsewhere = await get(THEIRS, "/chat/me", { authorization: token });
    expect([elsewhere.status, elsewhere.headers.get("access-control-allow-origin")]).toEqual([
      200,
      null,
    ]);
    expect(words(elsewhere.headers.get("vary"))).toContain("origin");
    const none = await callChat("GET", "/chat/me", undefined, { authorization: token });
    expect(none.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("no other path of the app host is opened by it", async () => {
    const { headers } = await fetchApp("/api/v1/sources", { headers: { origin: OURS } });
    expect(headers.get("access-control-allow-origin")).toBeNull();
  });
});
