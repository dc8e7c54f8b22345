import type { IngestSource } from "../ingest/index.ts";
import { deriveIngestKey } from "../ingest-key.ts";
import { openVerification, verifyIncoming } from "../verification/index.ts";
import type { KakaoDeps } from "./deps.ts";

/** What is wrong with a webhook call's signature, in the relay's words; null: nothing, or nobody signs. */
export type SignatureFault = "Missing signature" | "Invalid signature";

const HEADER = "x-kakao-signature";

/** True when calls of this source must be signed. */
export function mustBeSigned(
  { kakao }: Pick<KakaoDeps, "kakao">,
  { verification }: IngestSource,
): boolean {
  return kakao.signatureSecret !== "" || verification !== null;
}

/**
 * Checks `X-Kakao-Signature`, lower-case hex of HMAC-SHA256 over the raw body, with the deployment's secret; of a source
 * that has a verification of its own, that one instead.
 */
export async function checkSignature(
  deps: Pick<KakaoDeps, "kakao" | "settings">,
  source: IngestSource,
  request: Request,
  body: Uint8Array<ArrayBuffer>,
): Promise<SignatureFault | null> {
  if (source.verification !== null) return checkOwn(deps, source, request, body);
  const { signatureSecret } = deps.kakao;
  if (signatureSecret === "") return null;
  const shown = request.headers.get(HEADER) ?? "";
  if (shown === "") return "Missing signature";
  if (!/^[0-9a-f]{64}$/.test(shown)) return "Invalid signature";
  const utf8 = new TextEncoder();
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", utf8.encode(signatureSecret), hmac, false, [
    "verify",
  ]);
  const bytes = Uint8Array.from(shown.match(/../g) ?? [], (hex) => Number.parseInt(hex, 16));
  const isValid = await crypto.subtle.verify("HMAC", key, bytes, body);
  return isValid ? null : "Invalid signature";
}

async function checkOwn(
  { settings }: Pick<KakaoDeps, "settings">,
  { id, verification }: IngestSource,
  { method, url, headers }: Request,
  body: Uint8Array<ArrayBuffer>,
): Promise<SignatureFault | null> {
  const key = await deriveIngestKey(settings.masterKey);
  const opened = await openVerification(key, id, verification ?? "");
  const failure = await verifyIncoming(opened, { method, url, headers, nowMs: Date.now(), body });
  if (!failure) return null;
  return failure.check === "header" ? "Missing signature" : "Invalid signature";
}
