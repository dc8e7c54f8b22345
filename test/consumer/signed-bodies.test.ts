import { expect, it } from "vitest";
import { sha256Hex } from "../../src/crypto.ts";
import { signatureHeader } from "../../src/destinations/sign.ts";
import { eventWith } from "../destinations/fixtures.ts";
import { eventInR2, MEBIBYTE, random, SECRET, SEED, send } from "./driver.ts";

it("a signature covers the exact bytes, streamed ones too", async () => {
  const sign = { scheme: "standard-webhooks", secrets: [SECRET, SECRET] };
  const bytes = random(2 * MEBIBYTE);
  for (const event of [eventWith(bytes), await eventInR2(bytes), eventWith("")]) {
    const sent = await send(event, { config: { sign, timeoutMs: 20_000 } });
    const timestampSeconds = Number(sent.headers["webhook-timestamp"]);
    const parts = { id: "dlv_01k9zzzzzzzzzzzzzzzzzzzzzz", timestampSeconds };
    const body = event.size === 0 ? new Uint8Array() : bytes;
    expect(sent.headers["webhook-signature"]).toBe(
      await signatureHeader([SECRET, SECRET], parts, body),
    );
    expect(sent.received[0]?.size).toBe(event.size);
    const stored = Object.fromEntries(sent.result.request?.headers ?? []);
    expect(stored["webhook-signature"]).toBe("********");
  }
});

it.each([
  ["v1", [SECRET, SECRET], 6 * MEBIBYTE],
  ["v1", [SECRET], 25 * MEBIBYTE],
  ["v1a and v1", [SEED, SECRET], 6 * MEBIBYTE],
  ["v1a", [SEED], 25 * MEBIBYTE],
])("a signature of %s, over a large body, verifies", async (_, secrets, size) => {
  const sign = { scheme: "standard-webhooks", secrets };
  const bytes = random(size);
  const sent = await send(await eventInR2(bytes), { config: { sign, timeoutMs: 20_000 } });
  expect(sent.received[0]).toMatchObject({ size, sha256: await sha256Hex(bytes) });
  expect(sent.headers["content-length"]).toBe(String(size));
  const timestampSeconds = Number(sent.headers["webhook-timestamp"]);
  const parts = { id: "dlv_01k9zzzzzzzzzzzzzzzzzzzzzz", timestampSeconds };
  expect(sent.headers["webhook-signature"]).toBe(await signatureHeader(secrets, parts, bytes));
});

it("HMACs take a large body in pieces: it is opened to be signed, and again to be sent", async () => {
  const event = await eventInR2(random(6 * MEBIBYTE));
  const opened: unknown[] = [];
  const openBody = async () => {
    const body = await event.openBody();
    opened.push(body);
    return body;
  };
  const sign = { scheme: "standard-webhooks", secret: SECRET };
  const config = { sign, timeoutMs: 20_000 };
  const { result } = await send({ ...event, openBody }, { config });
  expect([result.outcome, opened.length]).toEqual([{ ok: true }, 2]);
  const gone = async () => (opened.length++ === 2 ? event.openBody() : null);
  expect((await send({ ...event, openBody: gone }, { config })).result.outcome).toMatchObject({
    reason: "body_missing",
  });
});

it("ed25519 has one large body in memory at a time; small ones do not wait", async () => {
  const config = { sign: { scheme: "standard-webhooks", secret: SEED }, timeoutMs: 5000 };
  const large = random(2 * MEBIBYTE);
  const opened: number[] = [];
  let answered = 0;
  const openedWhen: number[] = [];
  const timed = async (bytes: Uint8Array<ArrayBuffer>, timeoutMs = 5000) => {
    const event = await eventInR2(bytes);
    const openBody = async () => {
      opened.push(Date.now());
      openedWhen.push(answered);
      return event.openBody();
    };
    const more = { behaviour: "slow/700", config: { ...config, timeoutMs } };
    const { result } = await send({ ...event, openBody }, more);
    answered++;
    return result.outcome;
  };
  const [first, second, third] = await Promise.all([timed(large), timed(large), timed(large)]);
  expect([first, second, third]).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  const [one = 0, two = 0, three = 0] = opened;
  expect(Math.min(two - one, three - two)).toBeGreaterThanOrEqual(650);
  answered = 0;
  openedWhen.length = 0;
  await Promise.all([timed(large), timed(random(300_000))]);
  // Both, before either has its answer.
  expect(openedWhen).toEqual([0, 0]);
  // Four of 700 ms, one after the other: the first has time enough, the last one never.
  const outcomes = await Promise.all(Array.from({ length: 4 }, () => timed(large, 2700)));
  expect(outcomes).toContainEqual({ ok: true });
  expect(outcomes).toContainEqual({ ok: false, retry: true, reason: "timeout" });
});
