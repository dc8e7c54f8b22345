import { expect, it } from "vitest";
import {
  answerSignedChallenge,
  answerUnsignedChallenge,
  type Incoming,
  type Verification,
} from "../../src/verification/index.ts";

const common = { secrets: ["secret"], toleranceSeconds: 300, onFailure: "reject" as const };

function incoming(method: string, url: string, body = ""): Incoming {
  const bytes = new Uint8Array(new TextEncoder().encode(body));
  return { method, url: `https://h.example${url}`, headers: new Headers(), body: bytes, nowMs: 0 };
}

const meta: Verification = { preset: "meta", ...common, verifyToken: "meta-token" };
const x: Verification = {
  preset: "x",
  ...common,
  secrets: ["z3ZX4v7mAAUGykl3EcmkqbartmuW8VFOOzCloLx9Q45P0hLrFu"],
};

it.each([
  ["/?hub.mode=subscribe&hub.verify_token=meta-token&hub.challenge=1158201444", "1158201444"],
  ["/?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1158201444", undefined],
  ["/?hub.mode=subscribe&hub.challenge=1158201444", undefined],
  ["/?hub.mode=unsubscribe&hub.verify_token=meta-token&hub.challenge=1", undefined],
  [`/?hub.mode=subscribe&hub.verify_token=meta-token&hub.challenge=${"1".repeat(257)}`, undefined],
])("meta: GET %s is answered %s", async (url, body) => {
  expect((await answerUnsignedChallenge(meta, incoming("GET", url)))?.body).toBe(body);
  expect(await answerUnsignedChallenge(meta, incoming("POST", url))).toBeNull();
});

it("x: a CRC is answered with the token's HMAC", async () => {
  // printf %s 9b4507b3-9040-4669-9ca3-6b94edb50553 | openssl dgst -sha256 \
  //   -hmac z3ZX4v7mAAUGykl3EcmkqbartmuW8VFOOzCloLx9Q45P0hLrFu -binary | base64
  const answer = await answerUnsignedChallenge(
    x,
    incoming("GET", "/?crc_token=9b4507b3-9040-4669-9ca3-6b94edb50553"),
  );
  expect(JSON.parse(answer?.body ?? "")).toEqual({
    response_token: "sha256=Cytd4Sq+NvEcV3MMrXxWJGJx5A+y/lXzzU2Maartkx8=",
  });
});

it("x: nobody gets an event signed by asking for it as a CRC", async () => {
  for (const token of ['{"for_user_id":"1"}', "a b", "", "1".repeat(257)]) {
    const url = `/?crc_token=${encodeURIComponent(token)}`;
    expect(await answerUnsignedChallenge(x, incoming("GET", url))).toBeNull();
  }
});

it("slack and discord: only their own challenge, only by POST", () => {
  const slack: Verification = { preset: "slack", ...common };
  const asked = '{"token":"t","challenge":"3eZbrw1aB1","type":"url_verification"}';
  expect(answerSignedChallenge(slack, incoming("POST", "/", asked))).toEqual({
    contentType: "text/plain",
    body: "3eZbrw1aB1",
  });
  for (const body of [
    '{"type":"event_callback","challenge":"x"}',
    '{"type":"url_verification"}',
    "[]",
    "",
  ]) {
    expect(answerSignedChallenge(slack, incoming("POST", "/", body))).toBeNull();
  }
  const discord: Verification = { preset: "discord", ...common };
  expect(answerSignedChallenge(discord, incoming("POST", "/", '{"type":1}'))?.body).toBe(
    '{"type":1}',
  );
  expect(answerSignedChallenge(discord, incoming("POST", "/", '{"type":2}'))).toBeNull();
  expect(answerSignedChallenge(discord, incoming("GET", "/", '{"type":1}'))).toBeNull();
});

it.each([
  ['{"version":1,"application_id":"1","type":0}', { contentType: null, body: null }],
  ['{"type":1,"token":"t"}', { contentType: "application/json", body: '{"type":1}' }],
  ['{"type":1,"event":{"type":"APPLICATION_AUTHORIZED","data":{}}}', null],
  ['{"type":0,"event":{}}', null],
  ['{"type":1,"event":null}', null],
])("discord: %s is answered with %j", (body, answer) => {
  const discord: Verification = { preset: "discord", ...common };
  expect(answerSignedChallenge(discord, incoming("POST", "/", body))).toEqual(answer);
});
