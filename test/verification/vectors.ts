import type { Verification } from "../../src/verification/index.ts";

/**
 * One good request of each preset, none of them signed by the code under test. Beside each stands the command that
 * made the signature, run with `BODY='{"id":7,"text":"결제 완료"}'; T=1700000000`, OpenSSL 3.0, Python 3 with
 * `cryptography` 48, and the providers' own libraries from npm in another folder (standardwebhooks, stripe, twilio,
 * @hubspot/api-client).
 */
export type Vector = {
  name: string;
  settings: Partial<Verification> & { preset: Verification["preset"]; secrets: string[] };
  headers: Record<string, string>;
  /** Where the signed time stands: a header, `body`, or nowhere. */
  time?: string;
  url?: string;
  body?: string;
  /** Another secret of the preset's form. */
  wrong?: string;
};

/** 2023-11-14T22:13:20Z */
export const SIGNED_AT_MS = 1_700_000_000_000;

export const BODY = '{"id":7,"text":"결제 완료"}';

export const VECTORS: Vector[] = [
  // node -e 'const{Webhook}=require("standardwebhooks");console.log(new Webhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign("msg_1",new Date(17e11),process.argv[1]))' "$BODY"
  {
    name: "standard-webhooks v1",
    settings: { preset: "standard-webhooks", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] },
    headers: {
      "webhook-id": "msg_1",
      "webhook-timestamp": "1700000000",
      "webhook-signature": "v1,KfdB9pMCpACczi93Yc5yV5ifYJbhJ7kfsSYG3xe2zJc=",
    },
    time: "webhook-timestamp",
  },
  // python3 -c 'import sys,base64;from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K;print(base64.b64encode(K.from_private_bytes(bytes(range(32))).sign(("msg_1.1700000000."+sys.argv[1]).encode())).decode())' "$BODY"
  {
    name: "standard-webhooks v1a",
    settings: {
      preset: "standard-webhooks",
      secrets: ["whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="],
    },
    headers: {
      "webhook-id": "msg_1",
      "webhook-timestamp": "1700000000",
      "webhook-signature":
        "v1a,n5XR/GBVLgPlaB448WKASADt7N7FEbQoKqogREl+95jJXqmwZ4JLBJ+aK73eC6knXLI0INxoMWsrCbAZNCmCAA==",
    },
    time: "webhook-timestamp",
    wrong: "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
  },
  // python3 -c 'import sys,base64,hmac;print(base64.b64encode(hmac.digest(base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),("wh_portone.1700000000."+sys.argv[1]).encode(),"sha256")).decode())' "$BODY"
  {
    name: "portone",
    settings: { preset: "portone", secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] },
    headers: {
      "webhook-id": "wh_portone",
      "webhook-timestamp": "1700000000",
      "webhook-signature": "v1,lThrIpUN48Ggu8kspNHosNNfjI0CqpxSiKc2/UsIg1U=",
    },
    time: "webhook-timestamp",
  },
  // printf '%s' "$BODY" | openssl dgst -sha256 -hmac 'generic-secret-1' -hex | sed 's/.* //'
  {
    name: "hmac sha256 hex",
    settings: {
      preset: "hmac",
      secrets: ["generic-secret-1"],
      header: "X-Signature",
      algorithm: "sha256",
      encoding: "hex",
      prefix: "sha256=",
      signed: "body",
    },
    headers: {
      "x-signature": "sha256=edea82c01687ebfef6614321199fb2b4317818508f494b96880d86ae7c4d1214",
    },
  },
  // printf '%s' "$BODY" | openssl dgst -sha1 -hmac 'generic-secret-1' -binary | base64 -w0
  {
    name: "hmac sha1 base64",
    settings: {
      preset: "hmac",
      secrets: ["generic-secret-1"],
      header: "x-sign",
      algorithm: "sha1",
      encoding: "base64",
      prefix: "",
      signed: "body",
    },
    headers: { "x-sign": "+angXCZA0P6O/YV62+QsQIIUmcg=" },
  },
  // printf '%s' "$T.$BODY" | openssl dgst -sha512 -hmac 'generic-secret-1' -binary | base64 -w0 | tr '+/' '-_'
  {
    name: "hmac sha512 base64url with time",
    settings: {
      preset: "hmac",
      secrets: ["generic-secret-1"],
      header: "x-sign",
      algorithm: "sha512",
      encoding: "base64url",
      prefix: "v1=",
      signed: "timestamp.body",
      timestampHeader: "X-Time",
    },
    headers: {
      "x-sign":
        "v1=Nw3l8teph5FjmolDfH2TfsAkoNNzS-MRRbZ4V3l17CuJOsNR1JhSiigotDQ7f0Hxeyw3fk37yM6MI1rd8cbJew==",
      "x-time": "1700000000",
    },
    time: "x-time",
  },
  // printf '%s' "$BODY" | openssl dgst -sha256 -hmac "It's a Secret to Everybody" -hex | sed 's/.* //'
  {
    name: "github",
    settings: { preset: "github", secrets: ["It's a Secret to Everybody"] },
    headers: {
      "x-hub-signature-256":
        "sha256=3cf516b331b97513d6c9b4c547768237f23c43439fc38c4b3c3526f2c9671347",
    },
  },
  // printf '%s' "$BODY" | openssl dgst -sha256 -hmac 'meta-app-secret' -hex | sed 's/.* //'
  {
    name: "meta",
    settings: { preset: "meta", secrets: ["meta-app-secret"], verifyToken: "meta-token" },
    headers: {
      "x-hub-signature-256":
        "sha256=bed7595d78174c3a78d181f2645e1efb70a8a55849edb4dff171fba7786bb41c",
    },
  },
  // node -e 'const S=require("stripe");console.log(new S("sk_test_x").webhooks.generateTestHeaderString({payload:process.argv[1],secret:"whsec_stripe_test_secret",timestamp:17e8}))' "$BODY"
  {
    name: "stripe",
    settings: { preset: "stripe", secrets: ["whsec_stripe_test_secret"] },
    headers: {
      "stripe-signature":
        "t=1700000000,v1=92814fc5594f5dc3bb4a560b15b44bd99450b1dbe5660a0609d21936faac255a",
    },
    time: "stripe-signature",
  },
  // printf '%s' "v0:$T:$BODY" | openssl dgst -sha256 -hmac '8f742231b10e8888abcd99yyyzzz85a5' -hex | sed 's/.* //'
  {
    name: "slack",
    settings: { preset: "slack", secrets: ["8f742231b10e8888abcd99yyyzzz85a5"] },
    headers: {
      "x-slack-signature": "v0=f04c598f4eadb8207c9ca959f48297632a68f6dd7cbfff1e5ce41eb35ff93172",
      "x-slack-request-timestamp": "1700000000",
    },
    time: "x-slack-request-timestamp",
  },
  // printf '%s' "$BODY" | openssl dgst -sha256 -hmac 'shopify-secret' -binary | base64 -w0
  {
    name: "shopify",
    settings: { preset: "shopify", secrets: ["shopify-secret"] },
    headers: { "x-shopify-hmac-sha256": "FNmlJ9Nr2nDBgtK+1YsFLLlLpMwpZLeKCEf1hrQ9KiI=" },
  },
  // node -e 'const t=require("twilio");console.log(t.getExpectedTwilioSignature("12345","https://mycompany.com/myapp.php?foo=1&bar=2",{Digits:"1234",To:"+18005551212",From:"+14158675309",Caller:"+14158675309",CallSid:"CA1234567890ABCDE",Body:"결제 완료"}))'
  {
    name: "twilio form",
    settings: { preset: "twilio", secrets: ["12345"] },
    headers: {
      "x-twilio-signature": "5U7q22Im2XzCr1WILh5d+Z7UUqg=",
      "content-type": "application/x-www-form-urlencoded",
    },
    url: "https://mycompany.com/myapp.php?foo=1&bar=2",
    body: "Digits=1234&To=%2B18005551212&From=%2B14158675309&Caller=%2B14158675309&CallSid=CA1234567890ABCDE&Body=%EA%B2%B0%EC%A0%9C+%EC%99%84%EB%A3%8C",
  },
  // node -e 'const t=require("twilio");console.log(t.getExpectedTwilioSignature("12345","https://example.com/myapp?bodySHA256=154f0d16b384131b143c8fbe9020e9e965d70df535ae1fac63c0cb9dc74d465b",{}))'
  {
    name: "twilio JSON",
    settings: { preset: "twilio", secrets: ["12345"] },
    headers: {
      "x-twilio-signature": "Sx163XkoN1YOBaMl/wfsUl8/F8c=",
      "content-type": "application/json",
    },
    url: "https://example.com/myapp?bodySHA256=154f0d16b384131b143c8fbe9020e9e965d70df535ae1fac63c0cb9dc74d465b",
  },
  // printf '%s' "$BODY" | openssl dgst -sha256 -hmac 'line-channel-secret' -binary | base64 -w0
  {
    name: "line",
    settings: { preset: "line", secrets: ["line-channel-secret"] },
    headers: { "x-line-signature": "b7Vh4yMGQBcVXTK/clPNBfCKZyfBQNPXjvruOy7dwsI=" },
  },
  // python3 -c 'import sys;from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K;print(K.from_private_bytes(bytes(range(32))).sign(("1700000000"+sys.argv[1]).encode()).hex())' "$BODY"
  {
    name: "discord",
    settings: {
      preset: "discord",
      secrets: ["03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"],
    },
    headers: {
      "x-signature-ed25519":
        "951eaf1048a736ced8c18e5a498a486dca7dce1e6d8a99bf960162d3e026ee2459dad3b57f06ec896ed42f6feb4f597cf50d775af5486b077460035ee421cd04",
      "x-signature-timestamp": "1700000000",
    },
    time: "x-signature-timestamp",
    wrong: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
  },
  // printf '%s' '{"action":"create","webhookTimestamp":1700000000000}' | openssl dgst -sha256 -hmac 'lin_wh_secret' -hex | sed 's/.* //'
  {
    name: "linear",
    settings: { preset: "linear", secrets: ["lin_wh_secret"] },
    headers: {
      "linear-signature": "0e7eb538ce08f2d147d43dcc1a8d5fef4d5dd6effe602c4c11c3d2456d92c6be",
      "linear-timestamp": "1700000000000",
    },
    time: "body",
    body: '{"action":"create","webhookTimestamp":1700000000000}',
  },
  // printf '%s' "$T:$BODY" | openssl dgst -sha256 -hmac 'pdl_ntfset_secret' -hex | sed 's/.* //'
  {
    name: "paddle",
    settings: { preset: "paddle", secrets: ["pdl_ntfset_secret"] },
    headers: {
      "paddle-signature":
        "ts=1700000000;h1=99135cb1c0bb5b1d7f694dd5fdb19ad0e49c2efe04094dec2031670f78038fee",
    },
    time: "paddle-signature",
  },
  // printf '%s' "2023-11-14T22:13:20Z$BODY" | openssl dgst -sha256 -hmac 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==' -binary | base64 -w0
  {
    name: "zendesk",
    settings: { preset: "zendesk", secrets: ["dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="] },
    headers: {
      "x-zendesk-webhook-signature": "98DKNBzAq+SxgUmBtdE6XCkUyXIVcLzgu82F1p+tlq0=",
      "x-zendesk-webhook-signature-timestamp": "2023-11-14T22:13:20Z",
    },
    time: "x-zendesk-webhook-signature-timestamp",
  },
  // node -e 'const{Signature}=require("@hubspot/api-client");console.log(Signature.getSignature("POST","v3",{clientSecret:"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",url:"https://www.example.com/webhook_uri?q=a@b",requestBody:process.argv[1],timestamp:17e11}))' "$BODY"
  {
    name: "hubspot",
    settings: { preset: "hubspot", secrets: ["yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"] },
    headers: {
      "x-hubspot-signature-v3": "mdNDn8dUzAfHXcYUkx75gd8Y/ejbGJrWNI4gmI8mjpA=",
      "x-hubspot-request-timestamp": "1700000000000",
    },
    time: "x-hubspot-request-timestamp",
    url: "https://www.example.com/webhook_uri?q=a%40b",
  },
  // printf '%s' "$BODY:2023-11-15T07:13:20+09:00" | openssl dgst -sha256 -hmac '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' -binary | base64 -w0
  {
    name: "toss, key as text",
    settings: {
      preset: "toss",
      secrets: ["00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"],
    },
    headers: {
      "tosspayments-webhook-signature": "v1:AAAA,MOYqgckNOMIlbknVn5tLzpEEqd9DMZXTKMUYoosN/MA=",
      "tosspayments-webhook-transmission-time": "2023-11-15T07:13:20+09:00",
    },
    time: "tosspayments-webhook-transmission-time",
    wrong: "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
  },
  // printf '%s' "$BODY:2023-11-15T07:13:20+09:00" | openssl dgst -sha256 -mac HMAC -macopt hexkey:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff -binary | base64 -w0
  {
    name: "toss, key as bytes",
    settings: {
      preset: "toss",
      secrets: ["00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"],
    },
    headers: {
      "tosspayments-webhook-signature": "v1:8IeN0J/3LmffYABC77TIOF51XEklDPXvMsbjZmAIBE0=,AAAA",
      "tosspayments-webhook-transmission-time": "2023-11-15T07:13:20+09:00",
    },
    time: "tosspayments-webhook-transmission-time",
    wrong: "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
  },
  // printf '%s' "$BODY" | openssl dgst -sha256 -hmac 'relay-secret' -hex | sed 's/.* //'
  {
    name: "kakao-relay",
    settings: { preset: "kakao-relay", secrets: ["relay-secret"] },
    headers: {
      "x-kakao-signature": "22bf6ccb98546be3788d9200449cbc3dd8f8087a9c17a2022ad2da3135af89d6",
    },
  },
  // printf '%s' "$BODY" | openssl dgst -sha256 -hmac 'x-consumer-secret' -binary | base64 -w0
  {
    name: "x",
    settings: { preset: "x", secrets: ["x-consumer-secret"] },
    headers: {
      "x-twitter-webhooks-signature": "sha256=sh0OpgkbCMkQ0pX30YYC1FQ5LO77iaKWfZbuTGJheys=",
    },
  },
  // The token itself stands in the header: nothing is signed.
  {
    name: "gitlab",
    settings: { preset: "gitlab", secrets: ["gitlab-secret-token"] },
    headers: { "x-gitlab-token": "gitlab-secret-token" },
  },
  {
    name: "sens_v1",
    settings: { preset: "sens_v1", secrets: ["sens-service-secret"], authKey: "sens-auth-key" },
    headers: { "x-ncp-auth-key": "sens-auth-key", "x-ncp-service-secret": "sens-service-secret" },
  },
];

/** Presets whose header is the secret itself: nothing is signed. */
export function isToken({ settings }: Vector): boolean {
  return settings.preset === "gitlab" || settings.preset === "sens_v1";
}
