import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { gatewayError } from "./sens-refusals.ts";

const MAX_SKEW_MS = 5 * 60_000;

/** Checks the three headers against the request's raw target, as the gateway does before it looks at anything else. */
export function checkSignature(
  { method = "", headers }: IncomingMessage,
  target: string,
  keys: { accessKey: string; secretKey: string },
  now: number,
): void {
  const failed = (details: string) => gatewayError(401, 200, "Authentication Failed", details);
  const one = (name: string) => {
    const value = headers[name];
    if (typeof value !== "string" || value === "") throw failed(`${name} is missing`);
    return value;
  };
  const timestamp = one("x-ncp-apigw-timestamp");
  const accessKey = one("x-ncp-iam-access-key");
  const signature = one("x-ncp-apigw-signature-v2");
  if (!/^\d{13}$/.test(timestamp)) throw failed("the timestamp is not in milliseconds");
  if (Math.abs(now - Number(timestamp)) > MAX_SKEW_MS) throw failed("the timestamp is expired");
  if (accessKey !== keys.accessKey) throw failed("unknown access key");
  const text = `${method} ${target}\n${timestamp}\n${accessKey}`;
  const expected = createHmac("sha256", keys.secretKey).update(text).digest("base64");
  const [given, known] = [Buffer.from(signature), Buffer.from(expected)];
  if (given.length !== known.length || !timingSafeEqual(given, known)) {
    throw failed("the signature does not match");
  }
}
