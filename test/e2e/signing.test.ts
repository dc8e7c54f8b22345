import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { beforeAll, expect, it } from "vitest";
import type { Received } from "../support/received.ts";
import { startSession, type TestSession } from "../support/session.ts";
import { header, makeRelay, receivedCount } from "./support.ts";

/*
 * What a receiver does with what it gets, by tools that are not ours: the `standardwebhooks` library for `v1`, and
 * OpenSSL (in Node) for `v1a`, with the public key that Baton publishes.
 */

const OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEW = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const SEED = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const TEXT = '{"name":"Zoë 🪝","n":1}\n';
const BINARY = new Uint8Array([0x00, 0xff, 0xfe, 0x0a, 0x0d, 0x80]);

let session: TestSession;
beforeAll(async () => {
  session = await startSession();
});

function webhookHeaders(got: Received): Record<string, string> {
  const names = ["webhook-id", "webhook-timestamp", "webhook-signature"];
  return Object.fromEntries(names.map((name) => [name, header(got, name) ?? ""]));
}

/** What one request with this body looks like at the receiver. */
async function relay(slug: string, secrets: string[], body: string | Uint8Array<ArrayBuffer>) {
  const sign = { scheme: "standard-webhooks", secrets };
  const { receiver, destination } = await makeRelay(session, slug, { config: { sign } });
  await fetch(session.ingestUrl(slug), { method: "POST", body });
  await receivedCount(receiver.received, 1);
  const [got] = receiver.received;
  if (!got) throw new Error("nothing came");
  return { got, destination };
}

it("the standardwebhooks library verifies what we send, with either secret of a rotation", async () => {
  const { got } = await relay("signed", [NEW, OLD], TEXT);
  expect(got.body.toString()).toBe(TEXT);
  for (const secret of [NEW, OLD]) {
    const verified = new Webhook(secret).verify(got.body.toString(), webhookHeaders(got));
    expect(verified).toEqual({ name: "Zoë 🪝", n: 1 });
  }
  expect(() => new Webhook(NEW).verify(`${TEXT} `, webhookHeaders(got))).toThrow("signature");
  const stranger = `whsec_${Buffer.from("x".repeat(32)).toString("base64")}`;
  expect(() => new Webhook(stranger).verify(TEXT, webhookHeaders(got))).toThrow("signature");
});

it("OpenSSL verifies a binary body with the published ed25519 key", async () => {
  const { got, destination } = await relay("signed-v1a", [SEED], BINARY);
  const published = await fetch(
    `${session.appUrl}/.well-known/baton/signing-keys/${destination.id}`,
  );
  const { keys } = (await published.json()) as { keys: JsonWebKey[] };
  const publicKey = createPublicKey({ key: keys[0] ?? {}, format: "jwk" });
  const { "webhook-id": id, "webhook-timestamp": time, ...rest } = webhookHeaders(got);
  const [version, base64 = ""] = (rest["webhook-signature"] ?? "").split(",");
  expect(version).toBe("v1a");
  const signature = Buffer.from(base64, "base64");
  const message = (body: Uint8Array) => Buffer.concat([Buffer.from(`${id}.${time}.`), body]);
  expect(verify(null, message(BINARY), publicKey, signature)).toBe(true);
  expect(verify(null, message(BINARY.slice(1)), publicKey, signature)).toBe(false);
});
