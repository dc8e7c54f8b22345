import { base64url, exportSPKI, importJWK, SignJWT } from "jose";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { authenticateChat } from "../../src/chat-auth/index.ts";
import { readSettings } from "../../src/context.ts";
import { openControl } from "../../src/db/client.ts";
import type { IngestSource } from "../../src/ingest/index.ts";
import { setLogLevel } from "../../src/log.ts";
import { JWKS_FAILED_MS, JWKS_REFETCH_MS } from "../../src/tokens/constants.ts";
import { inSeconds, subscribe } from "./channel-support.ts";
import { APP, LocalIssuer, makeChat, refusal, settingsOf, signIn } from "./chat-auth-support.ts";
import { bindings, call, type Json, makeTenant, type Tenant } from "./support.ts";

let a: Tenant;
let source: IngestSource;
let count = 0;
// One for each test: an organization has 20 issuers at most.
beforeEach(async () => {
  a = await makeTenant("chat-auth");
  source = await makeChat(a, `chat-auth-${count++}`);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** One for all tests that leave its keys as they are; `a` has registered it. */
let plain: LocalIssuer;
beforeAll(async () => {
  plain = await new LocalIssuer("plain").start();
});
async function usual(): Promise<LocalIssuer> {
  await plain.register(a);
  return plain;
}

/** An issuer that `a` has registered, with keys of its own. */
async function provide(name: string): Promise<LocalIssuer> {
  const issuer = await new LocalIssuer(name).start();
  await issuer.register(a);
  return issuer;
}

describe("an ID token of a registered issuer", () => {
  it("says who its bearer is, and until when", async () => {
    const issuer = await usual();
    const exp = inSeconds(900);
    const token = await issuer.sign({ sub: "auth0|한글", name: "Ada", exp });
    expect(await signIn(source, token)).toEqual({
      organizationId: a.organizationId,
      id: "auth0|한글",
      name: "Ada",
      expiresAt: exp * 1000,
    });
  });

  it("one that hardly ever ends is good as long as a time can be written", async () => {
    const issuer = await usual();
    const token = await issuer.sign({ exp: Number.MAX_SAFE_INTEGER });
    const { expiresAt } = await signIn(source, token);
    expect(new Date(expiresAt).toISOString()).toBe("+275760-09-13T00:00:00.000Z");
  });

  it("the user's id is the claim that the issuer is registered with", async () => {
    await plain.register(a, { userClaim: "https://app.example/uid" });
    const issuer = plain;
    const token = await issuer.sign({ "https://app.example/uid": "u7" });
    expect((await signIn(source, token)).id).toBe("u7");
    expect(await refusal(source, await issuer.sign())).toEqual([
      "unauthorized",
      expect.stringContaining("no claim `https://app.example/uid`"),
    ]);
  });

  it("an id that every object has is not taken for a claim", async () => {
    await plain.register(a, { userClaim: "constructor" });
    expect(await refusal(source, await plain.sign())).toEqual([
      "unauthorized",
      expect.stringContaining("no claim `constructor`"),
    ]);
  });

  it.each<[string, Json, string]>([
    ["name", { name: " Ada\u0000\n Lovelace ", email: "x@y.example" }, "Ada Lovelace"],
    ["given and family name", { given_name: "Ada", family_name: "Lovelace" }, "Ada Lovelace"],
    ["family name alone", { family_name: "Lovelace", preferred_username: "al" }, "Lovelace"],
    ["user name", { name: " ", preferred_username: "ada", email: "x@y.example" }, "ada"],
    ["what is before the @", { email: "ada@example.org" }, "ada"],
    ["nothing", {}, ""],
    ["no texts", { name: 7, given_name: ["x"], email: null }, ""],
    ["the beginning of a long one", { name: `${"x".repeat(99)}😀y` }, "x".repeat(99)],
  ])("the user is called by %s", async (_, claims, name) => {
    const issuer = await usual();
    expect((await signIn(source, await issuer.sign(claims))).name).toBe(name);
  });

  it.each<[string, unknown]>([
    ["empty", ""],
    ["a number", 7],
    ["a list", ["u"]],
    ["null", null],
    ["too long", "x".repeat(129)],
    ["of two lines", "a\nb"],
    ["half a character", "\ud800"],
  ])("a user id that is %s is refused", async (_, sub) => {
    const issuer = await usual();
    expect(await refusal(source, await issuer.sign({ sub: sub as string }))).toEqual([
      "unauthorized",
      expect.stringContaining("wrong user id: claim `sub`"),
    ]);
    expect((await signIn(source, await issuer.sign({ sub: "x".repeat(128) }))).id).toHaveLength(
      128,
    );
  });

  it.each<[string, Json, RegExp]>([
    ["without exp", { exp: undefined }, /no claim `exp`/],
    ["exp is a text", { exp: "2099-01-01" }, /`exp` does not hold/],
    ["not good yet", { nbf: inSeconds(120) }, /`nbf` does not hold/],
    ["made in the future", { iat: inSeconds(120) }, /`iat` does not hold/],
    ["signed in in the future", { auth_time: inSeconds(120) }, /`auth_time` does not hold/],
    ["signed in at no time", { auth_time: "now" }, /`auth_time` does not hold/],
    ["for another app", { aud: "app-2" }, /another app/],
    ["for nobody", { aud: undefined }, /another app/],
    ["for several others", { aud: ["app-2", "app-3"] }, /another app/],
    ["of nobody", { iss: undefined }, /no issuer/],
    ["of an unknown issuer", { iss: "https://who.example" }, /does not know/],
  ])("is refused: %s", async (_, claims, why) => {
    const issuer = await usual();
    expect(await refusal(source, await issuer.sign(claims))).toEqual([
      "unauthorized",
      expect.stringMatching(why),
    ]);
  });

  it.each<[string, Json]>([
    ["a little early", { nbf: inSeconds(15), iat: inSeconds(15), auth_time: inSeconds(15) }],
    ["for several apps, ours among them", { aud: ["app-2", APP] }],
    ["without the time of sign-in", { auth_time: undefined }],
  ])("is taken: %s", async (_, claims) => {
    const issuer = await usual();
    expect((await signIn(source, await issuer.sign(claims))).id).toBe("user-1");
  });

  it("that has expired is told apart", async () => {
    const issuer = await usual();
    for (const seconds of [-1, -3600]) {
      expect(await refusal(source, await issuer.sign({ exp: inSeconds(seconds) }))).toEqual([
        "token_expired",
        expect.stringContaining("has expired"),
      ]);
    }
    // An old one that is also a forgery is a forgery.
    const forger = await new LocalIssuer("expired-forger").start();
    const forged = await forger.sign({ iss: issuer.issuer, exp: inSeconds(-60) });
    expect((await refusal(source, forged))[0]).toBe("unauthorized");
  });

  it.each(["", "a.b.c", "..", "bt_key", `${"x".repeat(20_000)}.y.z`, "Bearer a.b.c"])(
    "what is no token is refused: %.20s",
    async (text) => {
      expect((await refusal(source, text))[0]).toBe("unauthorized");
    },
  );

  it("with no signature, the public key as a secret, or a key of its own is refused", async () => {
    const issuer = await provide("confused");
    const [jwk = {}] = await issuer.keys.publicKeys();
    const claims = { iss: issuer.issuer, aud: APP, sub: "u", exp: inSeconds(600) };
    const spki = await exportSPKI((await importJWK(jwk, "RS256")) as CryptoKey);
    for (const secret of [spki, spki.trim(), JSON.stringify(jwk), String((jwk as Json).n)]) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", kid: "k1" })
        .sign(new TextEncoder().encode(secret));
      expect(await refusal(source, token)).toEqual([
        "unauthorized",
        expect.stringContaining("not accepted"),
      ]);
    }
    const good = await issuer.sign();
    const [, payload = "", signature = ""] = good.split(".");
    for (const alg of ["none", "None"]) {
      const none = base64url.encode(JSON.stringify({ alg, kid: "k1" }));
      expect((await refusal(source, `${none}.${payload}.`))[0]).toBe("unauthorized");
      expect((await refusal(source, `${none}.${payload}.${signature}`))[0]).toBe("unauthorized");
    }
    const mallory = await new LocalIssuer("mallory-of-chat").start();
    const [own = {}] = await mallory.keys.publicKeys();
    for (const header of [{ jwk: own }, { jku: mallory.keys.jwksUrl }]) {
      const token = await mallory.sign({ iss: issuer.issuer }, header as object);
      expect(await refusal(source, token)).toEqual([
        "unauthorized",
        expect.stringContaining("wrong signature"),
      ]);
    }
    expect(await mallory.asked()).toBe(0);
  });

  it("is never in a log, whatever is wrong with it", async () => {
    const issuer = await provide("logged");
    const lines: string[] = [];
    vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
    // After the last call of the app, which sets its own.
    setLogLevel("debug");
    try {
      const tokens = await Promise.all([
        issuer.sign(),
        issuer.sign({ exp: inSeconds(-60) }),
        issuer.sign({ aud: "other" }),
        issuer.sign({}, { kid: "made-up" }),
      ]);
      for (const token of tokens) await signIn(source, token).catch(() => undefined);
      await issuer.keys.answer({ status: 500 });
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + JWKS_REFETCH_MS });
      const unreadable = await issuer.sign({}, { kid: "made-up-too" });
      expect((await refusal(source, unreadable))[0]).toBe("unavailable");
      const all = lines.join("\n");
      expect(all).toContain("token_issuer_unavailable");
      for (const token of [...tokens, unreadable]) {
        for (const part of token.split(".").slice(1)) expect(all).not.toContain(part);
      }
    } finally {
      setLogLevel("error");
    }
  });
});

describe("an issuer's keys", () => {
  it("that rotate are found by one more question", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const issuer = await provide("rotating-chat");
    const old = await issuer.sign({ exp: inSeconds(3600) });
    expect((await signIn(source, old)).id).toBe("user-1");
    await issuer.rotate("k2");
    vi.setSystemTime(Date.now() + JWKS_REFETCH_MS);
    for (let i = 0; i < 3; i++) {
      expect((await signIn(source, await issuer.sign({ sub: "user-2" }))).id).toBe("user-2");
      expect((await signIn(source, old)).id).toBe("user-1");
    }
    expect(await issuer.asked()).toBe(2);
  });

  it("made-up ones ask the issuer no more than once in 30 s, also all at once", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const issuer = await provide("flooded");
    expect((await signIn(source, await issuer.sign())).id).toBe("user-1");
    expect(await issuer.asked()).toBe(1);
    for (const asked of [2, 3]) {
      vi.setSystemTime(Date.now() + JWKS_REFETCH_MS);
      const bogus = await Promise.all(
        Array.from({ length: 20 }, (_, i) => issuer.sign({}, { kid: `made-up-${asked}-${i}` })),
      );
      const refused = await Promise.all(bogus.map((token) => refusal(source, token)));
      for (const [code, why] of refused) {
        expect([code, why]).toEqual(["unauthorized", expect.stringContaining("does not publish")]);
      }
      expect(await issuer.asked()).toBe(asked);
    }
  });

  it("that are down make it `unavailable`, and those that are known go on working", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const issuer = await provide("down-chat");
    const old = await issuer.sign();
    expect((await signIn(source, old)).id).toBe("user-1");
    await issuer.keys.addKey("RS256", "k2");
    await issuer.keys.answer({ status: 503 });
    vi.setSystemTime(Date.now() + JWKS_REFETCH_MS);
    const fresh = await issuer.sign();
    const error = await signIn(source, fresh).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "unavailable",
      retryAfterSeconds: JWKS_FAILED_MS / 1000,
      message: expect.stringContaining("answered 503"),
    });
    expect((await signIn(source, old)).id).toBe("user-1");
    await issuer.keys.publish();
    vi.setSystemTime(Date.now() + JWKS_FAILED_MS);
    expect((await signIn(source, fresh)).id).toBe("user-1");
  });
});

describe("whose issuer it is", () => {
  it("another organization's signs nobody in here", async () => {
    const b = await makeTenant("chat-auth-b");
    await plain.register(b);
    const token = await plain.sign();
    expect(await refusal(source, token)).toEqual([
      "unauthorized",
      expect.stringContaining("does not know"),
    ]);
    const ofB = await makeChat(b, `chat-auth-of-b-${count}`);
    expect((await signIn(ofB, token)).organizationId).toBe(b.organizationId);
  });

  it("one provider of two organizations: each takes the tokens for its own app only", async () => {
    const issuer = await usual();
    const b = await makeTenant("chat-auth-c");
    const ofB = await makeChat(b, `chat-auth-of-c-${count}`);
    await issuer.register(b, { audience: "app-of-b" });
    const forA = await issuer.sign();
    const forB = await issuer.sign({ aud: "app-of-b" });
    expect((await signIn(source, forA)).organizationId).toBe(a.organizationId);
    expect((await signIn(ofB, forB)).organizationId).toBe(b.organizationId);
    expect((await refusal(source, forB))[1]).toContain("another app");
    expect((await refusal(ofB, forA))[1]).toContain("another app");
  });

  it("one who registers somebody else's issuer with other keys gains nothing", async () => {
    const issuer = await provide("squatted");
    const b = await makeTenant("chat-auth-d");
    const impostor = await new LocalIssuer("impostor-of-chat").start();
    await impostor.register(b, { issuer: issuer.issuer, jwksUrl: impostor.keys.jwksUrl });
    const forged = await impostor.sign({ iss: issuer.issuer });
    expect(await refusal(source, forged)).toEqual([
      "unauthorized",
      expect.stringContaining("wrong signature"),
    ]);
    expect((await signIn(source, await issuer.sign())).id).toBe("user-1");
  });

  it("one with two apps has a claim for each", async () => {
    const issuer = await usual();
    await issuer.register(a, { audience: "app-2", userClaim: "uid" });
    expect((await signIn(source, await issuer.sign({ uid: "u" }))).id).toBe("user-1");
    expect((await signIn(source, await issuer.sign({ uid: "u", aud: "app-2" }))).id).toBe("u");
  });

  it("one that is deleted signs nobody in any more; one that is changed as it is now", async () => {
    const id = await plain.register(a);
    const token = await plain.sign({ uid: "u" });
    expect((await signIn(source, token)).id).toBe("user-1");
    await call(a, "PATCH", `/chat/issuers/${id}`, { userClaim: "uid" });
    expect((await signIn(source, token)).id).toBe("u");
    await call(a, "DELETE", `/chat/issuers/${id}`);
    expect((await refusal(source, token))[1]).toContain("does not know");
  });

  it("is no issuer of channel tokens, nor the other way round", async () => {
    const issuer = await usual();
    const both = { baton: { subscribe: ["*"] }, aud: [APP, a.organizationId] };
    expect((await subscribe(await issuer.sign(both))).status).toBe(401);
    const channels = await new LocalIssuer("channels-only").start();
    const registered = { issuer: channels.issuer, jwksUrl: channels.keys.jwksUrl };
    expect((await call(a, "POST", "/token-issuers", registered)).status).toBe(201);
    const token = await channels.sign(both);
    expect((await subscribe(token)).status).toBe(200);
    expect((await refusal(source, token))[1]).toContain("does not know");
  });

  it("that cannot be looked up is `unavailable`", async () => {
    vi.spyOn(console, "log").mockImplementation(() => undefined);
    const issuer = await usual();
    const broken = { prepare: () => expect.fail("D1_ERROR") } as unknown as D1Database;
    const deps = {
      db: openControl(broken),
      settings: readSettings(bindings),
      chat: settingsOf({}),
    };
    await expect(authenticateChat(deps, source, await issuer.sign())).rejects.toMatchObject({
      code: "unavailable",
      retryAfterSeconds: 5,
    });
  });
});

describe("a Cognito pool", () => {
  const POOL = "ap-northeast-2_TestPool1";
  let pool: LocalIssuer;
  let ofOperator: IngestSource;
  let operator: Tenant;

  beforeAll(async () => {
    operator = await makeTenant("chat-cognito");
    ofOperator = await makeChat(operator, "chat-cognito");
    pool = await new LocalIssuer(POOL).start();
  });

  const cognito = (more: Json = {}) =>
    settingsOf({
      DEFAULT_CHAT_SOURCE: "chat-cognito",
      COGNITO_REGION: "ap-northeast-2",
      COGNITO_POOL_ID: POOL,
      COGNITO_ISSUER: pool.issuer,
      ...more,
    });
  const idToken = (claims: Json = {}) =>
    pool.sign({ token_use: "id", "cognito:username": "google_123", email: "kim@x.kr", ...claims });

  it("signs in the users of the default source's organization by their Cognito names", async () => {
    const user = { organizationId: operator.organizationId, id: "google_123", name: "kim" };
    expect(await signIn(ofOperator, await idToken(), cognito())).toMatchObject(user);
    const second = await makeChat(operator, "chat-cognito-second");
    expect(await signIn(second, await idToken(), cognito())).toMatchObject(user);
  });

  it("and nobody else's", async () => {
    expect(await refusal(source, await idToken(), cognito())).toEqual([
      "unauthorized",
      expect.stringContaining("does not know"),
    ]);
    const elsewhere = cognito({ DEFAULT_CHAT_SOURCE: "" });
    expect((await refusal(ofOperator, await idToken(), elsewhere))[0]).toBe("unauthorized");
  });

  it("an access token is refused, as is one without a user name", async () => {
    const access = { token_use: "access", client_id: APP, username: "u" };
    expect(await refusal(ofOperator, await idToken(access), cognito())).toEqual([
      "unauthorized",
      expect.stringContaining("`token_use` must be `id`"),
    ]);
    const nameless = await idToken({ "cognito:username": undefined });
    expect((await refusal(ofOperator, nameless, cognito()))[1]).toContain("`cognito:username`");
  });

  it("with an app client its tokens are for that one only", async () => {
    const chat = cognito({ COGNITO_CLIENT_ID: "client1" });
    expect((await refusal(ofOperator, await idToken(), chat))[1]).toContain("another app");
    const token = await idToken({ aud: "client1" });
    expect((await signIn(ofOperator, token, chat)).id).toBe("google_123");
  });

  it("its keys rotate too", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await signIn(ofOperator, await idToken(), cognito());
    await pool.rotate("k2");
    vi.setSystemTime(Date.now() + JWKS_REFETCH_MS);
    expect((await signIn(ofOperator, await idToken(), cognito())).id).toBe("google_123");
  });
});
