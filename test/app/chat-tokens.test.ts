import { base64url, decodeJwt, type JWTPayload, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { authenticateChat } from "../../src/chat-auth/index.ts";
import { readSettings } from "../../src/context.ts";
import { fromBase64, sha256Hex } from "../../src/crypto.ts";
import type { IngestSource } from "../../src/ingest/index.ts";
import { inSeconds, subscribe } from "./channel-support.ts";
import { makeChat, refusal, settingsOf, signIn } from "./chat-auth-support.ts";
import {
  addKey,
  bindings,
  call,
  control,
  type Json,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

/**
 * What is derived of the tests' master key, computed by `openssl kdf -keylen 32 -kdfopt digest:SHA2-256
 * -kdfopt hexkey:<64 zeros> -kdfopt info:chat-tokens -binary HKDF | base64`.
 */
const DERIVED = fromBase64("y8845FeGt/XNrc4EUCTy80Oj0eVObmToFvZhegA67n4=");
/** The same with `info:channel-tokens`. */
const OF_CHANNELS = fromBase64("4a8KU1/kTk1WC02jciXcXUphusOIFs+q+nR/v6zJjR0=");
/** Another master key. */
const OTHER = btoa("other-master-key".repeat(2));

let a: Tenant;
let source: IngestSource;
beforeAll(async () => {
  a = await makeTenant("chat-tokens");
  source = await makeChat(a, "chat-tokens");
});

async function makeToken(body: object, tenant = a): Promise<string> {
  const { status, json } = await call(tenant, "POST", "/chat/tokens", body);
  expect(status).toBe(201);
  return String(json.token);
}

/** A token as ours are, with other claims. */
async function forge(claims: JWTPayload, secret = DERIVED, header: Json = {}): Promise<string> {
  return new SignJWT({
    iss: "baton",
    aud: a.organizationId,
    sub: "u1",
    iat: inSeconds(0),
    exp: inSeconds(600),
    ...claims,
  })
    .setProtectedHeader({ alg: "HS256", kid: (await sha256Hex(secret)).slice(0, 8), ...header })
    .sign(secret);
}

describe("POST /api/v1/chat/tokens", () => {
  it("makes a JWT that says who its bearer is, and until when", async () => {
    const { status, json } = await call(a, "POST", "/chat/tokens", {
      userId: "u1",
      name: "Ada",
      expiresInSeconds: 90,
    });
    const claims = decodeJwt(String(json.token));
    expect([status, claims]).toEqual([
      201,
      {
        iss: "baton",
        aud: a.organizationId,
        sub: "u1",
        name: "Ada",
        iat: expect.any(Number),
        exp: Number(claims.iat) + 90,
      },
    ]);
    expect(json.expiresAt).toBe(new Date(Number(claims.exp) * 1000).toISOString());
    expect(await signIn(source, String(json.token))).toEqual({
      organizationId: a.organizationId,
      id: "u1",
      name: "Ada",
      expiresAt: Number(claims.exp) * 1000,
    });
  });

  it("lives an hour when nothing is said, and needs no name", async () => {
    const token = await makeToken({ userId: "u1" });
    const { iat = 0, exp = 0 } = decodeJwt(token);
    expect(exp - iat).toBe(3600);
    expect((await signIn(source, token)).name).toBe("");
  });

  it("needs a key with scope write", async () => {
    const make = async (scopes: string[]) =>
      call({ ...a, key: await addKey(a.organizationId, scopes) }, "POST", "/chat/tokens", {
        userId: "u1",
      });
    expect((await make(["read"])).status).toBe(403);
    expect((await make(["write"])).status).toBe(201);
  });

  it("is made once under one Idempotency-Key", async () => {
    const headers = { "idempotency-key": "chat-token-1" };
    const first = await call(a, "POST", "/chat/tokens", { userId: "u1" }, headers);
    const again = await call(a, "POST", "/chat/tokens", { userId: "u1" }, headers);
    expect([again.status, again.json]).toEqual([201, first.json]);
    expect((await call(a, "POST", "/chat/tokens", { userId: "u2" }, headers)).status).toBe(422);
  });

  it.each<[Json, string[]]>([
    [{}, ["userId"]],
    [{ userId: "" }, ["userId"]],
    [{ userId: 7 }, ["userId"]],
    [{ userId: "a\tb" }, ["userId"]],
    [{ userId: "\ud800" }, ["userId"]],
    [{ userId: "x".repeat(129) }, ["userId"]],
    [{ userId: "u", name: "" }, ["name"]],
    [{ userId: "u", name: "a\nb" }, ["name"]],
    [{ userId: "u", name: "x".repeat(101) }, ["name"]],
    [{ userId: "u", expiresInSeconds: 0 }, ["expiresInSeconds"]],
    [{ userId: "u", expiresInSeconds: 86_401 }, ["expiresInSeconds"]],
    [{ userId: "u", expiresInSeconds: 1.5 }, ["expiresInSeconds"]],
    [{ userId: "u", admin: true }, ["admin"]],
  ])("refuses %j", async (body, fields) => {
    const answer = await call(a, "POST", "/chat/tokens", body);
    expect([answer.status, wrongFields(answer)]).toEqual([422, fields]);
  });

  it("whatever id and name it takes sign in as they are", async () => {
    const who = { userId: "가".repeat(128), name: "x".repeat(100) };
    expect(await signIn(source, await makeToken(who))).toMatchObject({
      id: who.userId,
      name: who.name,
    });
  });
});

describe("a chat token of ours", () => {
  it("is good in its own organization only", async () => {
    const b = await makeTenant("chat-tokens-b");
    const ofB = await makeChat(b, "chat-tokens-b");
    const token = await makeToken({ userId: "u1" });
    expect(await refusal(ofB, token)).toEqual([
      "unauthorized",
      expect.stringContaining("another organization"),
    ]);
    const [header = "", , signature = ""] = token.split(".");
    const claims = { ...decodeJwt(token), aud: b.organizationId };
    const tampered = `${header}.${base64url.encode(JSON.stringify(claims))}.${signature}`;
    expect((await refusal(ofB, tampered))[1]).toContain("wrong signature");
  });

  it("is no channel token, and a channel token is none", async () => {
    const token = await makeToken({ userId: "u1" });
    const channels = await subscribe(token);
    expect([channels.status, channels.json.detail]).toEqual([
      401,
      "This channel token is a chat token; send a channel token.",
    ]);
    const body = { subscribe: ["*"] };
    const other = String((await call(a, "POST", "/channel-tokens", body)).json.token);
    expect(await refusal(source, other)).toEqual([
      "unauthorized",
      "This chat token is a channel token; send a chat token.",
    ]);
    // Also one that has all the claims of both.
    const both = { baton: { subscribe: ["*"], publish: [] } };
    expect((await subscribe(await forge(both))).status).toBe(401);
    expect((await refusal(source, await forge(both, OF_CHANNELS)))[0]).toBe("unauthorized");
    // Nor does the other key do under this one's name.
    const kid = (await sha256Hex(DERIVED)).slice(0, 8);
    expect((await refusal(source, await forge({}, OF_CHANNELS, { kid })))[1]).toContain(
      "wrong signature",
    );
  });

  it("opens nothing of the API", async () => {
    const token = await makeToken({ userId: "u1" });
    expect((await call({ ...a, key: token }, "GET", "/sources")).status).toBe(401);
  });

  it.each<[string, JWTPayload, RegExp]>([
    ["without exp", { exp: undefined }, /`exp`; add it/],
    ["not good yet", { nbf: inSeconds(120) }, /`nbf`/],
    ["made in the future", { iat: inSeconds(120) }, /`iat`/],
    [
      "made two days ago for a year",
      { iat: inSeconds(-2 * 86_400), exp: inSeconds(9999) },
      /expired/,
    ],
    ["without a user", { sub: undefined }, /no claim `sub`/],
    ["of an empty user", { sub: "" }, /wrong user id/],
    ["without an organization", { aud: undefined }, /another organization/],
  ])("is refused: %s", async (_, claims, why) => {
    expect(await refusal(source, await forge(claims))).toEqual([
      "unauthorized",
      expect.stringMatching(why),
    ]);
  });

  it("that has expired is told apart", async () => {
    expect(await refusal(source, await forge({ exp: inSeconds(-1) }))).toEqual([
      "token_expired",
      "This chat token has expired; get another one.",
    ]);
  });

  it("signed with something else is refused", async () => {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const kid = (await sha256Hex(DERIVED)).slice(0, 8);
    expect((await refusal(source, await forge({}, secret, { kid })))[1]).toContain(
      "wrong signature",
    );
    expect((await refusal(source, await forge({}, secret)))[1]).toContain("no longer in use");
    expect((await refusal(source, await forge({}, new Uint8Array(32))))[0]).toBe("unauthorized");
    const long = await forge({}, new Uint8Array([...DERIVED, ...DERIVED]), { alg: "HS512", kid });
    expect((await refusal(source, long))[0]).toBe("unauthorized");
    const [, payload = ""] = (await forge({})).split(".");
    const none = base64url.encode(JSON.stringify({ alg: "none", kid }));
    expect((await refusal(source, `${none}.${payload}.`))[0]).toBe("unauthorized");
  });

  it("is still good after the master key was rotated, while the old one is known", async () => {
    const token = await makeToken({ userId: "u1" });
    const signed = (MASTER_KEY_PREVIOUS: string | undefined) => {
      const settings = readSettings({ ...bindings, MASTER_KEY: OTHER, MASTER_KEY_PREVIOUS });
      return authenticateChat({ db: control, settings, chat: settingsOf({}) }, source, token);
    };
    expect((await signed(bindings.MASTER_KEY)).id).toBe("u1");
    await expect(signed(undefined)).rejects.toThrow("no longer in use");
  });
});
