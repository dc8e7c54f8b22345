import { beforeAll, expect, it } from "vitest";
import { call, fetchApp, type Json, makeTenant, type Tenant, wrongFields } from "./support.ts";

const PUBLIC = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
const SEED = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SYMMETRIC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

let tenant: Tenant;
beforeAll(async () => {
  tenant = await makeTenant("signing-keys");
});

const make = (sign: Json | undefined) =>
  call(tenant, "POST", "/destinations", {
    name: "signed",
    kind: "http",
    config: { url: "https://receiver.example/", ...(sign && { sign }) },
  });

async function keysAt(url: unknown): Promise<{ status: number; json: Json; headers: Headers }> {
  const response = await fetchApp(new URL(String(url)).pathname);
  return { status: response.status, json: await response.json(), headers: response.headers };
}

it("a destination with an ed25519 secret says where its public keys are, and anybody may read them", async () => {
  const { status, json, text } = await make({
    scheme: "standard-webhooks",
    secrets: [SEED, SYMMETRIC],
  });
  expect(status).toBe(201);
  expect(text).not.toContain(SEED.slice(5, 40));
  const { sign } = json.config as { sign: { secrets: string[] } };
  expect(sign.secrets[0]).toMatch(/^whsk_\*+.{4}$/);
  expect(json.signingKeysUrl).toBe(
    `http://localhost:8787/.well-known/baton/signing-keys/${String(json.id)}`,
  );
  const answer = await keysAt(json.signingKeysUrl);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.json).toEqual({
    keys: [
      {
        kty: "OKP",
        crv: "Ed25519",
        alg: "EdDSA",
        use: "sig",
        kid: "A6EHv_PO",
        x: "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
        key: `whpk_${PUBLIC}`,
      },
    ],
  });
});

it("a rotation shows both keys, and drops the old one with its secret", async () => {
  const { json } = await make({ scheme: "standard-webhooks", secret: SEED });
  const next = `whsk_${btoa("another seed of exactly 32 bytes")}`;
  const masked = (json.config as { sign: { secret: string } }).sign.secret;
  const path = `/destinations/${String(json.id)}`;
  const sign = { scheme: "standard-webhooks", secrets: [next, masked] };
  expect((await call(tenant, "PATCH", path, { config: { sign } })).status).toBe(200);
  const both = (await keysAt(json.signingKeysUrl)).json.keys as { key: string }[];
  expect(both.map(({ key }) => key)).toEqual([expect.any(String), `whpk_${PUBLIC}`]);
  const only = { scheme: "standard-webhooks", secrets: [next] };
  await call(tenant, "PATCH", path, { config: { sign: only } });
  const left = (await keysAt(json.signingKeysUrl)).json.keys as { key: string }[];
  expect(left).toEqual([both[0]]);
});

it.each([
  ["does not sign", undefined],
  ["signs with a shared secret only", { scheme: "standard-webhooks", secret: SYMMETRIC }],
])("there is no such page for a destination that %s", async (_, sign) => {
  const { json } = await make(sign);
  expect(json.signingKeysUrl).toBeNull();
  const answer = await keysAt(`http://x/.well-known/baton/signing-keys/${String(json.id)}`);
  expect(answer).toMatchObject({ status: 404, json: { title: "Not found" } });
  expect(answer.headers.get("cache-control")).not.toContain("public");
});

it.each(["dst_01jabcdef0123456789ghjkmnp", "nonsense"])("nor for %s", async (id) => {
  expect((await keysAt(`http://x/.well-known/baton/signing-keys/${id}`)).status).toBe(404);
});

it("refuses a secret that names another public key than its own, where it stands", async () => {
  const seed = "x".repeat(32);
  const wrong = `whsk_${btoa(seed + "y".repeat(32))}`;
  const created = await make({ scheme: "standard-webhooks", secret: wrong });
  expect([created.status, wrongFields(created)]).toEqual([422, ["config.sign.secret"]]);
  const { json } = await make(undefined);
  const patched = await call(tenant, "PATCH", `/destinations/${String(json.id)}`, {
    config: { sign: { scheme: "standard-webhooks", secrets: [SYMMETRIC, wrong] } },
  });
  expect([patched.status, wrongFields(patched)]).toEqual([422, ["config.sign.secrets.1"]]);
});
