import { createHmac } from "node:crypto";
import { expect, it, vi } from "vitest";
import { startVerification, verifyIncoming } from "../../src/verification/index.ts";
import { twilioMessages } from "../../src/verification/urls.ts";
import { bytes, find, incoming, settingsOf } from "./requests.ts";
import { BODY, isToken, VECTORS, type Vector } from "./vectors.ts";

it("twilio: a form of 60,000 names is sorted in one pass", () => {
  // Compared pair by pair these names would take longer than the test may.
  const pairs = Array.from({ length: 60_000 }, (_, i) => `n${60_000 - i}=v`);
  const form = bytes(`${pairs.join("&")}&n1=b&n1=a&n1=b`);
  const vector = find("twilio form");
  const [[message] = []] = twilioMessages(incoming(vector, { body: form }));
  const tail = String(message).slice(String(vector.url).length);
  expect(tail.startsWith("n1an1bn1vn10vn100v")).toBe(true);
  expect(tail.endsWith("n9998vn9999v")).toBe(true);
});

it("one MAC for each secret and message, however many signatures are claimed", async () => {
  const secrets = ["a", "b", "c", "d", "e"].map((letter) => `whsec_${btoa(letter.repeat(24))}`);
  const claims = Array.from({ length: 10 }, (_, i) => `v1,${btoa(String(i).repeat(32))}`);
  const vector = find("standard-webhooks v1");
  const headers = new Headers({ ...vector.headers, "webhook-signature": claims.join(" ") });
  const digests = vi.spyOn(prototypeOf(createHmac("sha256", new Uint8Array(1))), "digest");
  const failure = await verifyIncoming(
    settingsOf(vector, { secrets }),
    incoming(vector, { headers }),
  );
  expect([failure?.check, digests.mock.calls.length]).toEqual(["signature", 5]);
  digests.mockRestore();
});

it("a signature is found at the last place that is looked at, and not behind it", async () => {
  const vector = find("standard-webhooks v1");
  const right = vector.headers["webhook-signature"] ?? "";
  const wrong = `v1,${btoa("x".repeat(32))}`;
  for (const [before, check] of [
    [9, undefined],
    [10, "signature"],
  ] as const) {
    const signatures = [...Array.from({ length: before }, () => wrong), right].join(" ");
    const headers = new Headers({ ...vector.headers, "webhook-signature": signatures });
    const failure = await verifyIncoming(settingsOf(vector), incoming(vector, { headers }));
    expect(failure?.check).toBe(check);
  }
});

const needsWhole = ({ settings }: Vector) =>
  ["twilio", "discord", "linear"].includes(settings.preset) ||
  settings.secrets.some((secret) => secret.startsWith("whpk_"));

/** What `body` comes to when it passes byte by byte. */
async function checkInPieces(vector: Vector, body: Uint8Array) {
  const started = await startVerification(settingsOf(vector), incoming(vector));
  if (started === null || "check" in started) return started ?? "it is needed whole";
  for (const at of body.keys()) started.update(body.subarray(at, at + 1));
  return started.finish();
}

it.each(VECTORS.filter(needsWhole))("$name needs the body whole", async (vector) => {
  expect(await checkInPieces(vector, bytes(BODY))).toBe("it is needed whole");
});

it.each(VECTORS.filter((vector) => !needsWhole(vector)))(
  "$name gives the same verdict in pieces",
  async (vector) => {
    const body = bytes(vector.body ?? BODY);
    expect(await checkInPieces(vector, body)).toBeNull();
    const check = isToken(vector) ? null : { check: "signature" };
    const cut = await checkInPieces(vector, body.subarray(1));
    expect(cut && { check: (cut as { check: string }).check }).toEqual(check);
  },
);

it("x: what it signs as somebody's CRC token is no event", async () => {
  const vector = find("x");
  const token = bytes("9b4507b3-9040-4669-9ca3-6b94edb50553");
  const mac = createHmac("sha256", bytes(vector.settings.secrets[0] ?? ""));
  mac.update(token);
  const signature = `sha256=${btoa(String.fromCharCode(...mac.digest()))}`;
  const headers = new Headers({ "x-twitter-webhooks-signature": signature });
  const failure = await verifyIncoming(
    settingsOf(vector),
    incoming(vector, { headers, body: token }),
  );
  expect(failure?.check).toBe("body");
});

function prototypeOf<T extends object>(value: T): T {
  return Object.getPrototypeOf(value) as T;
}
