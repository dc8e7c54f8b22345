import { MAX_SIGNATURES } from "./constants.ts";
import {
  decode,
  type Encoding,
  type Hash,
  isHmac,
  joinParts,
  type Part,
  utf8Bytes,
} from "./crypto.ts";
import { checkTime, type TimeUnit } from "./time.ts";
import type { Failure, Incoming, Verification } from "./verification.ts";

/** What a header claims: signatures, and the time when it stands there too. */
export type Claim = { signatures: string[]; time?: string | undefined };

/** How a provider signs by HMAC, as far as it differs from "lower-case hex of HMAC-SHA256 over the body". */
export type HmacScheme = {
  header: string;
  hash?: Hash;
  encoding?: Encoding;
  prefix?: string;
  /** Takes a header apart that is more than one signature; null when it is none. */
  parse?: (value: string) => Claim | null;
  /** Where the signed time stands, unless `parse` finds it. */
  time?: { header?: string; unit: TimeUnit };
  /** What may have been signed; several when a URL can be written in several ways. */
  messages?: (incoming: Incoming, time: string) => Part[][];
  /** The keys a secret may stand for; its UTF-8 bytes unless said otherwise. */
  keys?: (secret: string) => Uint8Array<ArrayBuffer>[];
};

/** Checks presence, then time, then every signature with every secret, without stopping at the first that fits. */
export async function verifyHmac(
  scheme: HmacScheme,
  incoming: Incoming,
  { secrets, toleranceSeconds }: Pick<Verification, "secrets" | "toleranceSeconds">,
): Promise<Failure | null> {
  const { header, encoding = "hex", hash = "SHA-256", keys = textKey } = scheme;
  const value = incoming.headers.get(header);
  if (!value) return missing(header);
  const claim = scheme.parse ? scheme.parse(value) : stripPrefix(value, scheme.prefix ?? "");
  if (!claim) return { check: "header", detail: `\`${header}\` is not in this preset's form` };
  const time = claim.time ?? (scheme.time?.header ? incoming.headers.get(scheme.time.header) : "");
  if (scheme.time) {
    if (!time) return missing(scheme.time.header ?? header);
    const late = checkTime(time, scheme.time.unit, incoming, toleranceSeconds);
    if (late) return late;
  }
  const messages = (scheme.messages?.(incoming, time ?? "") ?? [[incoming.body]]).map(joinParts);
  const macs = claim.signatures
    .slice(0, MAX_SIGNATURES)
    .flatMap((text) => decode(text, encoding) ?? []);
  const checks = secrets
    .flatMap(keys)
    .flatMap((key) =>
      macs.flatMap((mac) => messages.map((message) => isHmac(hash, key, mac, message))),
    );
  return (await Promise.all(checks)).includes(true) ? null : mismatch(header);
}

export function missing(header: string): Failure {
  return { check: "header", detail: `the header \`${header}\` is missing` };
}

export function mismatch(header: string): Failure {
  return {
    check: "signature",
    detail: `the signature in \`${header}\` fits none of the source's secrets and this request`,
  };
}

function stripPrefix(value: string, prefix: string): Claim | null {
  return value.startsWith(prefix) ? { signatures: [value.slice(prefix.length)] } : null;
}

function textKey(secret: string): Uint8Array<ArrayBuffer>[] {
  return [utf8Bytes(secret)];
}
