import { base64url, exportSPKI, importJWK, SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { type Context, readSettings } from "../../src/context.ts";
import { tokenIssuers } from "../../src/db/schema/control.ts";
import { newId } from "../../src/ids.ts";
import {
  JWKS_CACHE_MS,
  JWKS_FAILED_MS,
  JWKS_REFETCH_MS,
  MAX_ISSUER_ANSWER_BYTES,
  MAX_JWKS_KEYS,
} from "../../src/tokens/constants.ts";
import { createIssuer } from "../../src/tokens/create-issuer.ts";
import { inSeconds, Provider, refusal, subscribe } from "./channel-support.ts";
import {
  addKey,
  bindings,
  call,
  control,
  ids,
  type Json,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

// One for each test: an organization has 20 issuers at most.
let a: Tenant;
beforeEach(async () => {
  a = await makeTenant("token-issuers");
});
afterEach(() => {
  vi.useRealTimers();
});

/** A provider that `a` has registered, with one published key. */
async function provide(name: string, alg = "ES256", kid?: string): Promise<Provider> {
  const provider = new Provider(name);
  await provider.addKey(alg, kid);
  await provider.publish();
  await provider.register(a);
  return provider;
}

describe("/api/v1/token-issuers", () => {
  const input = { issuer: "https://crud.example/", jwksUrl: "https://login.example.org/jwks.json" };

  it("are registered, listed, shown and deleted", async () => {
    const made = await call(a, "POST", "/token-issuers", { ...input, name: "Login" });
    expect([made.status, made.json]).toEqual([
      201,
      {
        ...input,
        id: expect.stringMatching(/^iss_/),
        name: "Login",
        createdAt: expect.stringMatching(/Z$/),
      },
    ]);
    const path = `/token-issuers/${String(made.json.id)}`;
    expect((await call(a, "GET", path)).json).toEqual(made.json);
    expect(ids(await call(a, "GET", "/token-issuers"))).toContain(made.json.id);
    expect((await call(a, "DELETE", path)).status).toBe(204);
    expect((await call(a, "GET", path)).status).toBe(404);
    expect((await call(a, "DELETE", path)).status).toBe(404);
  });

  it("one issuer once per organization", async () => {
    const b = await makeTenant("token-issuers-b");
    const first = await call(b, "POST", "/token-issuers", input);
    expect([first.status, first.json.name]).toEqual([201, input.issuer]);
    const again = await call(b, "POST", "/token-issuers", { ...input, name: "other" });
    expect([again.status, wrongFields(again), again.json.detail]).toEqual([
      409,
      ["issuer"],
      expect.stringContaining(String(first.json.id)),
    ]);
    const c = await makeTenant("token-issuers-c");
    expect((await call(c, "POST", "/token-issuers", input)).status).toBe(201);
  });

  it("is made once under one Idempotency-Key", async () => {
    const b = await makeTenant("token-issuers-d");
    const headers = { "idempotency-key": "issuer-1" };
    const first = await call(b, "POST", "/token-issuers", input, headers);
    const again = await call(b, "POST", "/token-issuers", input, headers);
    expect([again.status, again.json]).toEqual([201, first.json]);
    expect(ids(await call(b, "GET", "/token-issuers"))).toHaveLength(1);
  });

  it("there are at most 20", async () => {
    const b = await makeTenant("token-issuers-e");
    const issuers = Array.from({ length: 21 }, (_, i) => `https://${i}.example/`);
    const answers = await Promise.all(
      issuers.map((issuer) => call(b, "POST", "/token-issuers", { ...input, issuer })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    const refused = answers.find(({ status }) => status !== 201);
    expect([refused?.status, refused?.json.detail]).toEqual([
      422,
      expect.stringContaining("delete one first"),
    ]);
  });

  it("only an admin lets others in; whoever reads may see them", async () => {
    const write = { ...a, key: await addKey(a.organizationId, ["write"]) };
    const read = { ...a, key: await addKey(a.organizationId, ["read"]) };
    const body = { ...input, issuer: "https://scopes.example/" };
    expect((await call(write, "POST", "/token-issuers", body)).status).toBe(403);
    expect((await call(write, "DELETE", `/token-issuers/${newId("tokenIssuer")}`)).status).toBe(
      403,
    );
    expect((await call(read, "GET", "/token-issuers")).status).toBe(200);
  });

  it.each<[Json, string[]]>([
    [{ issuer: "" }, ["issuer"]],
    [{ issuer: "two words" }, ["issuer"]],
    [{ issuer: "baton" }, ["issuer"]],
    [{ issuer: "x".repeat(501) }, ["issuer"]],
    [{ issuer: undefined }, ["issuer"]],
    [{ name: "" }, ["name"]],
    [{ name: "a\u0007b" }, ["name"]],
    [{ jwksUrl: "login.example.org" }, ["jwksUrl"]],
    [{ jwksUrl: "http://login.example.org/jwks" }, ["jwksUrl"]],
    [{ jwksUrl: "file:///etc/passwd" }, ["jwksUrl"]],
    [{ jwksUrl: "https://user:pass@login.example.org/" }, ["jwksUrl"]],
    [{ jwksUrl: "https://10.0.0.1/jwks" }, ["jwksUrl"]],
    [{ jwksUrl: "https://169.254.169.254/latest" }, ["jwksUrl"]],
    [{ jwksUrl: "https://login.internal/jwks" }, ["jwksUrl"]],
    [{ jwksUrl: "https://login.example.org:22/jwks" }, ["jwksUrl"]],
    [{ jwksUrl: "http://localhost:8787/jwks" }, ["jwksUrl"]],
    [{ audience: "x" }, ["audience"]],
  ])("refuses %j", async (more, fields) => {
    const answer = await call(a, "POST", "/token-issuers", { ...input, ...more });
    expect([answer.status, wrongFields(answer)]).toEqual([422, fields]);
  });

  it("refuses keys whose host leads inside", async () => {
    const settings = { ...readSettings(bindings), dohUrl: inject("dohUrl") };
    const { organizationId } = a;
    const context = { db: control, organizationId, settings } as unknown as Context;
    const jwksUrl = "https://private.jwks.example.org/keys";
    await expect(createIssuer(context, { ...input, jwksUrl })).rejects.toMatchObject({
      code: "refused",
      errors: [{ path: "jwksUrl" }],
    });
  });
});

describe("a token of a registered issuer", () => {
  it.each(["RS256", "PS256", "ES256", "ES384", "EdDSA"])("%s opens what it covers", async (alg) => {
    const provider = await provide(`alg-${alg.toLowerCase()}`, alg, "k1");
    const exp = inSeconds(1800);
    const token = await provider.sign(a, { exp });
    const { status, json } = await subscribe(token);
    expect([status, json]).toEqual([
      200,
      { organizationId: a.organizationId, until: exp * 1000, untilCode: 4401 },
    ]);
    expect((await subscribe(token, "invoices")).status).toBe(403);
  });

  it("of many days is opened anew after an hour", async () => {
    const provider = await provide("long");
    const { json } = await subscribe(await provider.sign(a, { exp: inSeconds(30 * 86_400) }));
    expect(json.untilCode).toBe(4409);
  });

  it("is good in the organizations that know its issuer, and only where its `aud` says", async () => {
    const provider = await provide("two-homes");
    const b = await makeTenant("token-issuers-f");
    const token = await provider.sign(b);
    expect(await refusal(token)).toEqual([401, expect.stringContaining("does not know")]);
    await provider.register(b);
    expect((await subscribe(token)).json.organizationId).toBe(b.organizationId);
    // The same issuer's name, but keys of somebody else.
    const impostor = new Provider("impostor");
    await impostor.addKey();
    await impostor.publish();
    await call(b, "POST", "/token-issuers", {
      issuer: "https://of-a.example/",
      jwksUrl: impostor.jwksUrl,
    });
    const ofA = await provide("of-a");
    const forged = await impostor.sign(a, { iss: ofA.issuer });
    expect(await refusal(forged)).toEqual([401, expect.stringContaining("wrong signature")]);
  });

  it("opens nothing when its issuer is deleted", async () => {
    const provider = await provide("deleted");
    const token = await provider.sign(a);
    expect((await subscribe(token)).status).toBe(200);
    const { json } = await call(a, "GET", "/token-issuers?limit=100");
    const [found] = (json.data as { id: string; issuer: string }[]).filter(
      ({ issuer }) => issuer === provider.issuer,
    );
    expect((await call(a, "DELETE", `/token-issuers/${found?.id}`)).status).toBe(204);
    expect((await refusal(token))[0]).toBe(401);
  });

  it.each<[string, Json]>([
    ["expired", { exp: inSeconds(-1) }],
    ["without exp", { exp: undefined }],
    ["not good yet", { nbf: inSeconds(120) }],
    ["made in the future", { iat: inSeconds(120) }],
  ])("is refused: %s", async (name, claims) => {
    const provider = await provide(`claims-${name.replaceAll(" ", "-")}`);
    expect((await refusal(await provider.sign(a, claims)))[0]).toBe(401);
  });

  it("signed with its public key as a secret is refused, and so is one that brings its own key", async () => {
    const provider = await provide("confused", "RS256", "k1");
    const [jwk = {}] = await provider.publicKeys();
    const claims = {
      iss: provider.issuer,
      aud: a.organizationId,
      exp: inSeconds(600),
      baton: { subscribe: ["*"] },
    };
    const spki = await exportSPKI((await importJWK(jwk, "RS256")) as CryptoKey);
    for (const secret of [spki, spki.trim(), JSON.stringify(jwk), String((jwk as Json).n)]) {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: "HS256", kid: "k1" })
        .sign(new TextEncoder().encode(secret));
      expect(await refusal(token)).toEqual([401, expect.stringContaining("not accepted")]);
    }
    const mallory = new Provider("mallory");
    await mallory.addKey("RS256", "k1");
    await mallory.publish();
    const [own = {}] = await mallory.publicKeys();
    for (const header of [{ jwk: own }, { jku: mallory.jwksUrl }]) {
      const token = await mallory.sign(a, { iss: provider.issuer }, header as object);
      expect(await refusal(token)).toEqual([401, expect.stringContaining("wrong signature")]);
    }
    expect(await mallory.asked()).toBe(0);
    const [, payload = ""] = (await provider.sign(a)).split(".");
    const none = base64url.encode(JSON.stringify({ alg: "none", kid: "k1" }));
    expect((await refusal(`${none}.${payload}.`))[0]).toBe(401);
    // Ours are signed with our key alone, whatever keys there are.
    const ours = await provider.sign(a, { iss: "baton" });
    expect((await refusal(ours))[0]).toBe(401);
  });

  it("a set that publishes a secret or a private key verifies nothing by it", async () => {
    const provider = await provide("careless", "ES256", "k1");
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const oct = { kty: "oct", kid: "s1", k: base64url.encode(secret) };
    await provider.answer({ body: JSON.stringify({ keys: [oct] }) });
    const token = await new SignJWT({
      iss: provider.issuer,
      aud: a.organizationId,
      exp: inSeconds(60),
      baton: {},
    })
      .setProtectedHeader({ alg: "HS256", kid: "s1" })
      .sign(secret);
    expect((await refusal(token))[0]).toBe(401);
  });

  it("without `kid` is taken when the issuer has one key, else it must say which", async () => {
    const provider = new Provider("keyless");
    await provider.addKey();
    await provider.publish();
    await provider.register(a);
    expect((await subscribe(await provider.sign(a))).status).toBe(200);
    const many = new Provider("many-keyless");
    await many.addKey();
    await many.addKey();
    await many.publish();
    await many.register(a);
    expect(await refusal(await many.sign(a))).toEqual([401, expect.stringContaining("`kid`")]);
  });

  it("with a key that cannot be used is refused, not an error of ours", async () => {
    const provider = await provide("broken-key", "ES256", "k1");
    const token = await provider.sign(a);
    const point = { kty: "EC", crv: "P-256", kid: "k1", x: "AAAA", y: "AAAA" };
    await provider.answer({ body: JSON.stringify({ keys: [point, null, 7, { kty: 1 }] }) });
    const { status } = await subscribe(token);
    expect([401, 503]).toContain(status);
    const other = new Provider("broken-point");
    await other.addKey("ES256", "k1");
    await other.answer({ body: JSON.stringify({ keys: [point] }) });
    await other.register(a);
    expect(await refusal(await other.sign(a))).toEqual([
      401,
      expect.stringContaining("cannot be verified"),
    ]);
  });
});

describe("an issuer's keys", () => {
  it("are asked for once in five minutes, and no longer used after that", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const provider = await provide("cached", "ES256", "k1");
    const token = await provider.sign(a, { exp: inSeconds(3600) });
    for (let i = 0; i < 3; i++) expect((await subscribe(token)).status).toBe(200);
    expect(await provider.asked()).toBe(1);
    vi.setSystemTime(Date.now() + JWKS_CACHE_MS - 1);
    expect((await subscribe(token)).status).toBe(200);
    expect(await provider.asked()).toBe(1);
    await provider.answer({ status: 500 });
    vi.setSystemTime(Date.now() + 1);
    expect((await subscribe(token)).status).toBe(503);
    expect(await provider.asked()).toBe(2);
  });

  it("that are new are found at once, but made-up ones ask no more than every 30 s", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const provider = await provide("rotating", "ES256", "k1");
    expect((await subscribe(await provider.sign(a))).status).toBe(200);
    await provider.addKey("ES256", "k2");
    await provider.publish();
    vi.setSystemTime(Date.now() + JWKS_REFETCH_MS);
    expect((await subscribe(await provider.sign(a))).status).toBe(200);
    expect(await provider.asked()).toBe(2);
    for (let i = 0; i < 5; i++) {
      const bogus = await provider.sign(a, {}, { kid: `made-up-${i}` });
      expect(await refusal(bogus)).toEqual([401, expect.stringContaining("does not publish")]);
    }
    expect(await provider.asked()).toBe(2);
    vi.setSystemTime(Date.now() + JWKS_REFETCH_MS);
    expect((await refusal(await provider.sign(a, {}, { kid: "made-up" })))[0]).toBe(401);
    expect(await provider.asked()).toBe(3);
  });

  it("are asked for once by many that come together", async () => {
    const provider = await provide("crowd", "ES256", "k1");
    const keys = JSON.stringify({ keys: await provider.publicKeys() });
    await provider.answer({ body: keys, delayMs: 200 });
    const token = await provider.sign(a);
    const answers = await Promise.all(Array.from({ length: 10 }, () => subscribe(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(await provider.asked()).toBe(1);
  });

  it.each<[string, object, RegExp]>([
    ["fail", { status: 500 }, /answered 500/],
    ["are gone", { status: 404 }, /answered 404/],
    [
      "lead elsewhere",
      { status: 302, headers: { location: "https://example.org/" } },
      /answered 302/,
    ],
    ["are a page", { body: "<html>" }, /no JWK Set/],
    ["are no list", { body: '{"keys":{}}' }, /no JWK Set/],
    ["are a list of numbers", { body: '{"keys":[1]}' }, /no JWK Set/],
    ["are null", { body: "null" }, /no JWK Set/],
    [
      "are too large",
      { body: `{"keys":[],"x":"${"x".repeat(MAX_ISSUER_ANSWER_BYTES)}"}` },
      /larger than/,
    ],
    [
      "are too many",
      {
        body: JSON.stringify({
          keys: Array.from({ length: MAX_JWKS_KEYS + 1 }, () => ({ kty: "EC" })),
        }),
      },
      /more than 100/,
    ],
    ["do not come", { delayMs: -1 }, /gave no answer/],
  ])("that %s make it 503, which says why and when to come again", async (name, script, why) => {
    const provider = new Provider(`down-${name.replaceAll(" ", "-")}`);
    await provider.addKey();
    await provider.register(a);
    await provider.answer(script);
    const { status, json, headers, text } = await subscribe(await provider.sign(a));
    expect([status, json.detail]).toEqual([503, expect.stringMatching(why)]);
    expect(headers.get("retry-after")).toBe("10");
    expect(text).not.toContain(provider.jwksUrl);
  });

  it("that are down are left alone for ten seconds, and do not stop those that are known", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const provider = await provide("flapping", "ES256", "k1");
    const old = await provider.sign(a);
    expect((await subscribe(old)).status).toBe(200);
    await provider.addKey("ES256", "k2");
    await provider.answer({ status: 503 });
    vi.setSystemTime(Date.now() + JWKS_REFETCH_MS);
    const fresh = await provider.sign(a);
    for (let i = 0; i < 3; i++) expect((await subscribe(fresh)).status).toBe(503);
    expect(await provider.asked()).toBe(2);
    expect((await subscribe(old)).status).toBe(200);
    await provider.publish();
    vi.setSystemTime(Date.now() + JWKS_FAILED_MS);
    expect((await subscribe(fresh)).status).toBe(200);
  });

  it("at an address that is not public are never asked for, however it came to be saved", async () => {
    const issuer = "https://inside.example/";
    const provider = new Provider("inside");
    await provider.addKey();
    await control.insert(tokenIssuers).values({
      id: newId("tokenIssuer"),
      organizationId: a.organizationId,
      name: "inside",
      issuer,
      jwksUrl: "http://169.254.169.254/keys",
      createdAt: Date.now(),
    });
    const { status, json } = await subscribe(await provider.sign(a, { iss: issuer }));
    expect([status, json.detail]).toEqual([503, expect.stringContaining("not public")]);
  });
});
