import { describe, expect, it } from "vitest";
import { verifyIncoming } from "../../src/verification/index.ts";
import { PLAIN_PRESETS } from "../../src/verification/verification.ts";
import { bytes, find, incoming, settingsOf } from "./requests.ts";
import { BODY, isToken, SIGNED_AT_MS, VECTORS, type Vector } from "./vectors.ts";

const timed = VECTORS.filter(({ time }) => time !== undefined);
const signsBody = VECTORS.filter((vector) => !isToken(vector));

it("every preset has a vector", () => {
  const presets = new Set(VECTORS.map(({ settings }) => settings.preset));
  expect([...presets].toSorted()).toEqual([...PLAIN_PRESETS, "hmac", "meta", "sens_v1"].toSorted());
});

describe.each(VECTORS)("$name", (vector) => {
  it("the good vector passes", async () => {
    expect(await verifyIncoming(settingsOf(vector), incoming(vector))).toBeNull();
  });

  it("passes with another secret before and after it", async () => {
    const [secret = ""] = vector.settings.secrets;
    for (const secrets of [
      [other(vector), secret],
      [secret, other(vector)],
    ]) {
      expect(await verifyIncoming(settingsOf(vector, { secrets }), incoming(vector))).toBeNull();
    }
  });

  it("another secret fails, and the detail tells none", async () => {
    const failure = await verifyIncoming(
      settingsOf(vector, { secrets: [other(vector)] }),
      incoming(vector),
    );
    expect(failure?.check).toBe(isToken(vector) ? "token" : "signature");
    for (const secret of [other(vector), ...vector.settings.secrets, ...signaturesOf(vector)]) {
      expect(failure?.detail).not.toContain(secret);
    }
  });

  it("without its headers it fails by name", async () => {
    const failure = await verifyIncoming(
      settingsOf(vector),
      incoming(vector, {
        headers: new Headers({ "content-type": "application/json" }),
        body: bytes(""),
      }),
    );
    expect(failure?.check).toMatch(/header|body/);
  });
});

it.each(signsBody)("$name: one byte more or less in the body fails", async (vector) => {
  const body = vector.body ?? BODY;
  for (const changed of [`${body} `, body.slice(0, -1), `\uFEFF${body}`]) {
    const failure = await verifyIncoming(
      settingsOf(vector),
      incoming(vector, { body: bytes(changed) }),
    );
    expect(failure?.check).toMatch(/signature|body/);
  }
});

describe.each(timed)("$name: time", (vector) => {
  it.each([
    [300_000, true],
    [-300_000, true],
    [301_000, false],
    [-301_000, false],
  ])("%d ms from now", async (ms, passes) => {
    const failure = await verifyIncoming(
      settingsOf(vector),
      incoming(vector, { nowMs: SIGNED_AT_MS + ms }),
    );
    expect(failure?.check ?? null).toBe(passes ? null : "timestamp");
  });

  it("a time moved up to now breaks the signature", async () => {
    const later = SIGNED_AT_MS + 3600_000;
    const moved = (text: string) =>
      text
        .replaceAll("1700000000", "1700003600")
        .replaceAll("2023-11-14T22:13:20Z", "2023-11-14T23:13:20Z")
        .replaceAll("2023-11-15T07:13:20", "2023-11-15T08:13:20");
    const headers = new Headers(
      Object.entries(vector.headers).map(
        ([name, value]) => [name, moved(value)] as [string, string],
      ),
    );
    const body = vector.time === "body" ? moved(vector.body ?? "") : (vector.body ?? BODY);
    const failure = await verifyIncoming(
      settingsOf(vector),
      incoming(vector, { headers, body: bytes(body), nowMs: later }),
    );
    expect(failure?.check).toBe("signature");
  });
});

it("linear: a fresh header does not make an old body fresh", async () => {
  const vector = find("linear");
  const headers = new Headers(vector.headers);
  headers.set("linear-timestamp", String(SIGNED_AT_MS + 3600_000));
  const failure = await verifyIncoming(
    settingsOf(vector),
    incoming(vector, { headers, nowMs: SIGNED_AT_MS + 3600_000 }),
  );
  expect(failure?.check).toBe("timestamp");
});

it.each([
  ["x-ncp-auth-key", "sens-service-secret", "token"],
  ["x-ncp-service-secret", "sens-auth-key", "token"],
  ["x-ncp-auth-key", "", "header"],
  ["x-ncp-service-secret", "", "header"],
])("sens_v1: both must be right, and %s is not (%j)", async (name, value, check) => {
  const vector = find("sens_v1");
  const headers = new Headers({ ...vector.headers, [name]: value });
  const failure = await verifyIncoming(settingsOf(vector), incoming(vector, { headers }));
  expect(failure?.check).toBe(check);
});

it("kakao-relay: upper-case hex, Base64 and `sha256=` are refused", async () => {
  const vector = find("kakao-relay");
  const hex = vector.headers["x-kakao-signature"] ?? "";
  const base64 = Buffer.from(hex, "hex").toString("base64");
  for (const value of [hex.toUpperCase(), base64, `sha256=${hex}`]) {
    const headers = new Headers({ "x-kakao-signature": value });
    const failure = await verifyIncoming(settingsOf(vector), incoming(vector, { headers }));
    expect(failure?.check).toBe("header");
  }
});

it("twilio: http behind a tunnel, and the standard port, are the same URL", async () => {
  const vector = find("twilio form");
  for (const url of [
    "http://mycompany.com/myapp.php?foo=1&bar=2",
    "https://mycompany.com:443/myapp.php?foo=1&bar=2",
  ]) {
    expect(await verifyIncoming(settingsOf(vector), incoming(vector, { url }))).toBeNull();
  }
  const url = "https://mycompany.com/myapp.php?foo=2&bar=2";
  expect(await verifyIncoming(settingsOf(vector), incoming(vector, { url }))).not.toBeNull();
});

it("twilio: a signed URL does not let in a body that nobody signed", async () => {
  const vector = find("twilio JSON");
  const headers = new Headers({ ...vector.headers, "content-type": "text/plain" });
  const body = bytes('{"forged":true}');
  const failure = await verifyIncoming(settingsOf(vector), incoming(vector, { headers, body }));
  expect(failure?.check).toBe("body");
});

it("standard-webhooks: the binary body and the rotation header of the reference pass", async () => {
  // Vectors 3 and 5 of the project's reference, made with node 20's `crypto`.
  const settings = settingsOf(find("standard-webhooks v1"), {
    secrets: ["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="],
  });
  const base = {
    "webhook-id": "evt_01JABCDEF0123456789GHJKMNP",
    "webhook-timestamp": "1700000000",
  };
  const binary = new Uint8Array([0x00, 0xff, 0xfe, 0x0a, 0x0d, 0x80]);
  const rotation =
    "v1,6fLNUZVrN4Rlj0u4nBAAP262s7LdbAJdjY4OMtd2zkU= v1,dnEpU+j5/Px/xIvt02fTOA715hUhwfhzdLCzil10HVA=";
  const rows: [string, Uint8Array<ArrayBuffer>][] = [
    ["v1,m7cM/d4Ae+hhUeI91YFno/OvBanKIh+3xEkONlc1wMU=", binary],
    [rotation, bytes('{"name":"Zoë 🪝","n":1}\n')],
  ];
  for (const [signature, body] of rows) {
    const headers = new Headers({ ...base, "webhook-signature": signature });
    const sent = incoming(find("standard-webhooks v1"), { headers, body });
    expect(await verifyIncoming(settings, sent)).toBeNull();
  }
});

it("standard-webhooks: a public key is no HMAC secret", async () => {
  // A forgery: printf '%s' "msg_1.1700000000.$BODY" | openssl dgst -sha256 -mac HMAC -macopt hexkey:<the public key> -binary | base64
  const vector = find("standard-webhooks v1a");
  const forged = "LUUTCyF/iiiR56DZ7vywgXve0S8fZhOB6XYcqgTFsvE=";
  const headers = new Headers({ ...vector.headers, "webhook-signature": `v1,${forged}` });
  const failure = await verifyIncoming(settingsOf(vector), incoming(vector, { headers }));
  expect(failure?.check).toBe("signature");
});

function other(vector: Vector): string {
  if (vector.wrong) return vector.wrong;
  const [secret = ""] = vector.settings.secrets;
  return secret.startsWith("whsec_M")
    ? "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    : "another-one";
}

function signaturesOf({ headers }: Vector): string[] {
  return Object.entries(headers).flatMap(([name, value]) => (/sign|hmac/.test(name) ? value : []));
}
