/** How a source knows its sender; what `schemas.ts` lets in. Sealed in the source's row. */
export type Verification = {
  /** Any of them may have signed: during a rotation the old and the new one. */
  secrets: string[];
  toleranceSeconds: number;
  onFailure: "reject" | "store";
} & (
  | { preset: PlainPreset }
  | HmacOptions
  | { preset: "meta"; verifyToken: string }
  | { preset: "sens_v1"; authKey: string; onFailure: "reject" }
);

/** Presets that need nothing but secrets. */
export const PLAIN_PRESETS = [
  "standard-webhooks",
  "github",
  "gitlab",
  "stripe",
  "slack",
  "shopify",
  "twilio",
  "line",
  "discord",
  "linear",
  "paddle",
  "zendesk",
  "hubspot",
  "toss",
  "portone",
  "kakao-relay",
  "x",
] as const;
export type PlainPreset = (typeof PLAIN_PRESETS)[number];

/** The generic preset: an HMAC in a header, over the body or over `<timestamp>.<body>`. */
export type HmacOptions = {
  preset: "hmac";
  header: string;
  algorithm: "sha1" | "sha256" | "sha512";
  encoding: "hex" | "base64" | "base64url";
  /** What stands before the signature in the header, e.g. `sha256=`. */
  prefix: string;
  signed: "body" | "timestamp.body";
  timestampHeader?: string | undefined;
};

export type PresetName = Verification["preset"];

/** What of a signed request is known before its body has come. */
export type Head = {
  method: string;
  /** As it arrived, with query. */
  url: string;
  headers: Headers;
  nowMs: number;
};

/** A request as its sender signed it. */
export type Incoming = Head & { body: Uint8Array<ArrayBuffer> };

/** Which check failed. Never what would have passed. */
export type Failure = {
  check: "header" | "timestamp" | "signature" | "body" | "token";
  detail: string;
};

/** Null when the request is the sender's. */
export type Verifier<T = Verification> = (
  incoming: Incoming,
  settings: T,
) => Promise<Failure | null>;
