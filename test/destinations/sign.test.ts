import { expect, it } from "vitest";
import { publicKeyOf, readSigningKey, signatureHeader } from "../../src/destinations/sign.ts";

// Vectors of Standard Webhooks, computed with another implementation (Node's crypto).
const OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PARTS = { id: "evt_01JABCDEF0123456789GHJKMNP", timestampSeconds: 1_700_000_000 };
const UNICODE = new TextEncoder().encode('{"name":"Zoë 🪝","n":1}\n');
const BINARY = new Uint8Array([0x00, 0xff, 0xfe, 0x0a, 0x0d, 0x80]);

it("signs the specification's example", async () => {
  const parts = { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestampSeconds: 1_614_265_330 };
  const body = new TextEncoder().encode('{"test": 2432232314}');
  expect(await signatureHeader([OLD], parts, body)).toBe(
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
});

it("signs UTF-8 as bytes", async () => {
  expect(await signatureHeader([NEW], PARTS, UNICODE)).toBe(
    "v1,6fLNUZVrN4Rlj0u4nBAAP262s7LdbAJdjY4OMtd2zkU=",
  );
});

it("signs a binary body that is no text", async () => {
  expect(await signatureHeader([NEW], PARTS, BINARY)).toBe(
    "v1,m7cM/d4Ae+hhUeI91YFno/OvBanKIh+3xEkONlc1wMU=",
  );
});

it("signs with every secret during a rotation, in their order", async () => {
  expect(await signatureHeader([NEW, OLD], PARTS, UNICODE)).toBe(
    "v1,6fLNUZVrN4Rlj0u4nBAAP262s7LdbAJdjY4OMtd2zkU= v1,dnEpU+j5/Px/xIvt02fTOA715hUhwfhzdLCzil10HVA=",
  );
});

// Seed 00…1f, as the seed alone and with its public key behind it; the signature is another implementation's too.
const SEED = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SEED_AND_PUBLIC =
  "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==";
const V1A =
  "v1a,n+XFYFfb1fRzgGDCvbx0x6lGfQFkOMIoifJk+ZNBrtYpm2OGTLRdVv9rLb/OAj8P3jQhyRXLdl+DR9f9s8zLCg==";

it.each([
  ["seed", SEED],
  ["seed and public key", SEED_AND_PUBLIC],
])("signs with ed25519 by a %s", async (_, secret) => {
  expect(await signatureHeader([secret], PARTS, UNICODE)).toBe(V1A);
});

it("signs with both kinds during a move from one to the other", async () => {
  const header = await signatureHeader([SEED, NEW], PARTS, UNICODE);
  expect(header).toBe(`${V1A} v1,6fLNUZVrN4Rlj0u4nBAAP262s7LdbAJdjY4OMtd2zkU=`);
});

it("tells the public key of a seed", async () => {
  const key = readSigningKey(SEED);
  if (key?.version !== "v1a") throw new Error("not read as an ed25519 key");
  const base64 = Buffer.from(await publicKeyOf(key.seed)).toString("base64");
  expect(base64).toBe("A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=");
});
