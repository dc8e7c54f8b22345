import { base64url, decodeJwt, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { readSettings } from "../../src/context.ts";
import { fromBase64, sha256Hex } from "../../src/crypto.ts";
import { verifyToken } from "../../src/tokens/index.ts";
import { inSeconds, refusal, subscribe, visit } from "./channel-support.ts";
import {
  addKey,
  bindings,
  call,
  control,
  fetchApp,
  type Json,
  makeTenant,
  type Tenant,
  wrongFields,
} from "./support.ts";

/**
 * What is derived of the tests' master key, computed by `openssl kdf -keylen 32 -kdfopt digest:SHA2-256
 * -kdfopt hexkey:<64 zeros> -kdfopt info:channel-tokens -binary HKDF | base64`.
 */
const DERIVED = fromBase64("4a8KU1/kTk1WC02jciXcXUphusOIFs+q+nR/v6zJjR0=");
/** Another master key. */
const OTHER = btoa("other-master-key".repeat(2));

let a: Tenant;
beforeAll(async () => {
  a = await makeTenant("channel-tokens");
});

async function makeToken(body: object, tenant = a): Promise<string> {
  const { status, json } = await call(tenant, "POST", "/channel-tokens", body);
  expect(status).toBe(201);
  return String(json.token);
}

/** A token as ours are, with other claims. */
async function forge(
  claims: Json,
  { secret = DERIVED, ...header }: { secret?: Uint8Array; alg?: string; kid?: string } = {},
): Promise<string> {
  return new SignJWT({
    iss: "baton",
    aud: a.organizationId,
    iat: inSeconds(0),
    exp: inSeconds(600),
    baton: { subscribe: ["orders.*"], publish: [] },
    ...claims,
  })
    .setProtectedHeader({ alg: "HS256", kid: (await sha256Hex(DERIVED)).slice(0, 8), ...header })
    .sign(secret);
}

describe("POST /api/v1/channel-tokens", () => {
  it("makes a JWT that says what it opens, and until when", async () => {
    const before = inSeconds(0);
    const { status, json } = await call(a, "POST", "/channel-tokens", {
      subscribe: ["orders.*"],
      publish: ["orders.a"],
      expiresInSeconds: 90,
    });
    expect(status).toBe(201);
    const [header = "", payload = "", signature = ""] = String(json.token).split(".");
    const claims = decodeJwt(String(json.token));
    expect(claims).toEqual({
      iss: "baton",
      aud: a.organizationId,
      iat: expect.any(Number),
      exp: Number(claims.iat) + 90,
      baton: { subscribe: ["orders.*"], publish: ["orders.a"] },
    });
    expect(Number(claims.iat)).toBeGreaterThanOrEqual(before);
    expect(json.expiresAt).toBe(new Date(Number(claims.exp) * 1000).toISOString());
    const key = await crypto.subtle.importKey(
      "raw",
      DERIVED,
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["verify"],
    );
    const signed = new TextEncoder().encode(`${header}.${payload}`);
    const isGood = await crypto.subtle.verify(
      "HMAC",
      key,
      new Uint8Array(base64url.decode(signature)),
      signed,
    );
    expect(isGood).toBe(true);
  });

  it("lives an hour when nothing is said", async () => {
    const token = await makeToken({ subscribe: ["x"] });
    const { iat = 0, exp = 0 } = decodeJwt(token);
    expect(exp - iat).toBe(3600);
  });

  it("needs a key that may write", async () => {
    const read = { ...a, key: await addKey(a.organizationId, ["read"]) };
    const write = { ...a, key: await addKey(a.organizationId, ["write"]) };
    const body = { subscribe: ["x"] };
    expect((await call(read, "POST", "/channel-tokens", body)).status).toBe(403);
    expect((await call(write, "POST", "/channel-tokens", body)).status).toBe(201);
  });

  it("gives the same token again under one Idempotency-Key", async () => {
    const headers = { "idempotency-key": "channel-token-1" };
    const body = { subscribe: ["x"], expiresInSeconds: 60 };
    const first = await call(a, "POST", "/channel-tokens", body, headers);
    const again = await call(a, "POST", "/channel-tokens", body, headers);
    expect([again.status, again.json]).toEqual([201, first.json]);
    const other = await call(a, "POST", "/channel-tokens", { subscribe: ["y"] }, headers);
    expect(other.status).toBe(422);
  });

  it.each([
    [{}, ["subscribe"]],
    [{ subscribe: [] }, ["subscribe"]],
    [{ subscribe: "orders" }, ["subscribe"]],
    [{ subscribe: ["or ders"] }, ["subscribe.0"]],
    [{ subscribe: [""] }, ["subscribe.0"]],
    [{ subscribe: ["x".repeat(101)] }, ["subscribe.0"]],
    [{ publish: Array.from({ length: 51 }, () => "x") }, ["publish"]],
    [{ subscribe: ["x"], expiresInSeconds: 0 }, ["expiresInSeconds"]],
    [{ subscribe: ["x"], expiresInSeconds: 86_401 }, ["expiresInSeconds"]],
    [{ subscribe: ["x"], expiresInSeconds: 1.5 }, ["expiresInSeconds"]],
    [{ subscribe: ["x"], channels: ["y"] }, ["channels"]],
  ])("refuses %j", async (body, fields) => {
    const answer = await call(a, "POST", "/channel-tokens", body);
    expect([answer.status, wrongFields(answer)]).toEqual([422, fields]);
  });

  it("with every pattern it may have it is still short enough to be read", async () => {
    const patterns = Array.from({ length: 50 }, (_, i) => String(i).padStart(2, "0").repeat(50));
    const token = await makeToken({ subscribe: patterns, publish: patterns });
    expect((await subscribe(token, patterns[49])).status).toBe(200);
  });
});

describe("a token of ours", () => {
  it("opens what it covers, until it expires, and nothing else of the API", async () => {
    const token = await makeToken({
      subscribe: ["orders.*"],
      publish: ["orders.a"],
      expiresInSeconds: 60,
    });
    const { exp = 0 } = decodeJwt(token);
    const granted = { organizationId: a.organizationId, until: exp * 1000, untilCode: 4401 };
    expect((await subscribe(token)).json).toEqual(granted);
    const inQuery = await visit(`orders.b/sse?token=${token}`);
    expect(await inQuery.json()).toEqual(granted);
    const headers = { authorization: `Bearer ${token}` };
    const published = await visit("orders.a/publish", { method: "POST", headers });
    expect(await published.json()).toEqual(granted);
    expect((await visit("orders.b/publish", { method: "POST", headers })).status).toBe(403);
    expect((await subscribe(token, "invoices")).status).toBe(403);
    const elsewhere = await call({ ...a, key: token }, "GET", "/sources");
    expect([elsewhere.status, elsewhere.json.detail]).toEqual([
      401,
      expect.stringContaining("/api/v1/channels only"),
    ]);
  });

  it.each<[string, Json, RegExp]>([
    ["expired", { exp: inSeconds(-1) }, /expired/],
    ["without exp", { exp: undefined }, /`exp`; add it/],
    ["exp is a text", { exp: "2099-01-01" }, /`exp` does not hold/],
    ["not good yet", { nbf: inSeconds(120) }, /`nbf`/],
    ["made in the future", { iat: inSeconds(120) }, /`iat`/],
    ["made two days ago for a year", { iat: inSeconds(-2 * 86_400) }, /`iat`|expired/],
    ["without an organization", { aud: undefined }, /names no organization/],
    ["for a stranger", { aud: "https://api.example.org" }, /names no organization/],
    ["of an unknown issuer", { iss: "https://who.example/" }, /does not know/],
    ["without an issuer", { iss: undefined }, /no issuer/],
  ])("is refused: %s", async (_, claims, why) => {
    expect(await refusal(await forge(claims))).toEqual([401, expect.stringMatching(why)]);
  });

  it.each<[string, Json]>([
    ["a little early", { nbf: inSeconds(15), iat: inSeconds(15) }],
    ["one of several audiences", { aud: ["https://api.example.org", "@a"] }],
  ])("is taken: %s", async (_, claims) => {
    const aud = [claims.aud ?? "@a"].flat().map((one) => (one === "@a" ? a.organizationId : one));
    expect((await subscribe(await forge({ ...claims, aud }))).status).toBe(200);
  });

  it("for several organizations is refused", async () => {
    const b = await makeTenant("channel-tokens-b");
    const token = await forge({ aud: [a.organizationId, b.organizationId] });
    expect(await refusal(token)).toEqual([401, expect.stringContaining("several organizations")]);
  });

  it("with another organization, more patterns or no signature is refused", async () => {
    const b = await makeTenant("channel-tokens-c");
    const token = await makeToken({ subscribe: ["orders.*"] });
    const [header = "", payload = "", signature = ""] = token.split(".");
    const claims = decodeJwt(token);
    const encode = (json: Json) => base64url.encode(JSON.stringify(json));
    const tampered = [
      { ...claims, aud: b.organizationId },
      { ...claims, baton: { subscribe: ["*"], publish: ["*"] } },
    ].map((changed) => `${header}.${encode(changed)}.${signature}`);
    const none = encode({ alg: "none", kid: (await sha256Hex(DERIVED)).slice(0, 8) });
    for (const bad of [
      ...tampered,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -2)}`,
    ]) {
      expect((await refusal(bad))[0]).toBe(401);
    }
  });

  it("signed with something else is refused", async () => {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    expect(await refusal(await forge({}, { secret }))).toEqual([
      401,
      expect.stringContaining("wrong signature"),
    ]);
    // The master key itself signs nothing, and no other HMAC is taken.
    expect((await refusal(await forge({}, { secret: new Uint8Array(32) })))[0]).toBe(401);
    const long = await forge(
      {},
      { alg: "HS512", secret: new Uint8Array([...DERIVED, ...DERIVED]) },
    );
    expect((await refusal(long))[0]).toBe(401);
    const unknown = await forge({}, { kid: "00000000" });
    expect(await refusal(unknown)).toEqual([401, expect.stringContaining("no longer in use")]);
  });

  it("that is real but says nothing of channels is 403", async () => {
    for (const baton of [
      undefined,
      null,
      "*",
      { subscribe: "*" },
      { subscribe: ["a b"] },
      { subscribe: Array.from({ length: 51 }, () => "*") },
      { subscribe: ["*".repeat(101)] },
    ]) {
      expect(await refusal(await forge({ baton }))).toEqual([
        403,
        expect.stringMatching(/^This channel token has /),
      ]);
    }
    expect((await refusal(await forge({ baton: {} })))[0]).toBe(403);
  });

  it.each(["a.b.c", "..", `${"x".repeat(9000)}.${"y".repeat(9000)}.z`, "bt_unknown"])(
    "what is no token is 401: %.20s",
    async (text) => {
      expect((await subscribe(text)).status).toBe(401);
    },
  );

  it("is still good after the master key was rotated, while the old one is known", async () => {
    const token = await makeToken({ subscribe: ["orders.*"] });
    const settings = readSettings({ ...bindings, MASTER_KEY: OTHER });
    const verified = (MASTER_KEY_PREVIOUS: string | undefined) =>
      verifyToken(
        {
          db: control,
          settings: readSettings({ ...bindings, MASTER_KEY: OTHER, MASTER_KEY_PREVIOUS }),
        },
        token,
      );
    expect(await verified(bindings.MASTER_KEY)).toMatchObject({ subscribe: ["orders.*"] });
    expect(settings.masterKey).toBe(OTHER);
    await expect(verified(undefined)).rejects.toThrow("no longer in use");
  });
});

describe("a token of ours on the channels themselves", () => {
  it("publishes and reads what it covers, and its socket ends with it", async () => {
    const token = await makeToken({
      subscribe: ["live.*"],
      publish: ["live.a"],
      expiresInSeconds: 3,
    });
    const publish = (name: string) =>
      call({ ...a, key: token }, "POST", `/channels/${name}/publish`, { data: 1 });
    const published = await publish("live.a");
    expect([published.status, published.json.ids]).toEqual([200, [expect.any(String)]]);
    expect((await publish("live.b")).status).toBe(403);
    const stream = (name: string, how: string, headers = {}) =>
      fetchApp(`/api/v1/channels/${name}/${how}?since=all&token=${token}`, { headers });
    const polled = (await (await stream("live.a", "poll")).json()) as Json;
    expect(polled.data).toEqual([expect.objectContaining({ data: 1 })]);
    for (const how of ["poll", "sse", "ndjson", "ws"]) {
      const refused = await stream("other", how, how === "ws" ? { upgrade: "websocket" } : {});
      expect([how, refused.status]).toEqual([how, 403]);
      await refused.body?.cancel();
    }
    const { webSocket } = await stream("live.a", "ws", { upgrade: "websocket" });
    const ended = new Promise((resolve) => {
      webSocket?.addEventListener("close", ({ code, reason }) => resolve([code, reason]));
    });
    webSocket?.accept();
    expect(await ended).toEqual([4401, "token_expired"]);
    expect((await publish("live.a")).status).toBe(401);
  });

  it("its event stream says why it ends", async () => {
    const token = await makeToken({ subscribe: ["live.*"], expiresInSeconds: 2 });
    const answer = await fetchApp(`/api/v1/channels/live.c/sse?token=${token}`);
    expect(await answer.text()).toContain(
      'event: end\ndata: {"code":4401,"reason":"token_expired"}\n\n',
    );
  });
});

describe("API keys and the page on channels", () => {
  it("a key reads with `read` and publishes with `write`; the query may hold it", async () => {
    const read = await addKey(a.organizationId, ["read"]);
    const before = Date.now();
    const answer = await visit(`orders.a/sse?token=${read}`);
    const access = (await answer.json()) as { until: number };
    expect(access).toMatchObject({ organizationId: a.organizationId, untilCode: 4409 });
    expect(access.until).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(access.until).toBeLessThanOrEqual(Date.now() + 3_600_000);
    const publish = (key: string) =>
      visit("orders.a/publish", { method: "POST", headers: { authorization: `Bearer ${key}` } });
    expect((await publish(read)).status).toBe(403);
    expect((await publish(await addKey(a.organizationId, ["write"]))).status).toBe(200);
  });

  it("the page's cookie reads", async () => {
    const cookie = `baton_page=${await addKey(a.organizationId, ["read"])}`;
    expect((await visit("orders.a/sse", { headers: { cookie } })).status).toBe(200);
    const published = await visit("orders.a/publish", { method: "POST", headers: { cookie } });
    expect(published.status).toBe(403);
  });

  it("without anything it is 401; a key in the query is for channels only", async () => {
    expect((await visit("orders.a/sse")).status).toBe(401);
    expect((await visit("orders.a/sse?token=")).status).toBe(401);
    const none = { ...a, key: "" };
    expect((await call(none, "GET", `/sources?token=${a.key}`)).status).toBe(401);
  });
});
