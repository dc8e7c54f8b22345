import { createHmac, timingSafeEqual } from "node:crypto";
import { MAX_SIGNATURES } from "./constants.ts";
import { decode, type Encoding, type Hash, utf8Bytes } from "./crypto.ts";
import { checkTime, type TimeUnit } from "./time.ts";
import type { Failure, Head, Incoming, Verification } from "./verification.ts";

/** Stands for the raw body in a message: the body may still be on its way. */
export const BODY = Symbol("body");
/** What was signed: texts, and the body at most once. */
export type Message = readonly (string | typeof BODY)[];

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
  messages?: (head: Head, time: string) => Message[];
  /** The keys a secret may stand for; its UTF-8 bytes unless said otherwise. */
  keys?: (secret: string) => Uint8Array<ArrayBuffer>[];
};

type Secrets = Pick<Verification, "secrets" | "toleranceSeconds">;

/** What a request's head claims, to be compared with its body. */
export type HmacClaims = {
  header: string;
  hash: Hash;
  macs: Uint8Array[];
  keys: Uint8Array[];
  messages: Message[];
};

/** A comparison under way: the body passes through it in pieces, and is never held. */
export type HmacCheck = { update: (piece: Uint8Array) => void; finish: () => Failure | null };

/** Checks presence, then time, then every signature with every secret, without stopping at the first that fits. */
export function verifyHmac(
  scheme: HmacScheme,
  incoming: Incoming,
  secrets: Secrets,
): Failure | null {
  const claims = readClaims(scheme, incoming, secrets);
  return "check" in claims ? claims : compareWhole(claims, incoming.body);
}

/** Presence and time, which need no body. */
export function readClaims(
  scheme: HmacScheme,
  head: Head,
  { secrets, toleranceSeconds }: Secrets,
): Failure | HmacClaims {
  const { header, encoding = "hex", hash = "sha256", keys = textKey } = scheme;
  const value = head.headers.get(header);
  if (!value) return missing(header);
  const claim = scheme.parse ? scheme.parse(value) : stripPrefix(value, scheme.prefix ?? "");
  if (!claim) return { check: "header", detail: `\`${header}\` is not in this preset's form` };
  const time = claim.time ?? (scheme.time?.header ? head.headers.get(scheme.time.header) : "");
  if (scheme.time) {
    if (!time) return missing(scheme.time.header ?? header);
    const late = checkTime(time, scheme.time.unit, head, toleranceSeconds);
    if (late) return late;
  }
  return {
    header,
    hash,
    macs: claim.signatures.slice(0, MAX_SIGNATURES).flatMap((text) => decode(text, encoding) ?? []),
    keys: secrets.flatMap(keys),
    messages: scheme.messages?.(head, time ?? "") ?? [[BODY]],
  };
}

export function compareWhole(claims: HmacClaims, body: Uint8Array): Failure | null {
  const check = startCheck(claims);
  check.update(body);
  return check.finish();
}

/** One MAC for each key and message, whatever the number of signatures that are claimed. */
export function startCheck({ header, hash, macs, keys, messages }: HmacClaims): HmacCheck {
  const running = keys
    .filter((key) => key.length > 0)
    .flatMap((key) => messages.map((message) => startMac(hash, key, message)));
  return {
    update(piece) {
      for (const { mac, after } of running) if (after) mac.update(piece);
    },
    finish() {
      const computed = running.map(({ mac, after }) => {
        for (const text of after ?? []) mac.update(text);
        return mac.digest();
      });
      const fits = computed.flatMap((mac) => macs.map((claimed) => isSame(mac, claimed)));
      return fits.includes(true) ? null : mismatch(header);
    },
  };
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

/** The MAC as far as the body; `after` is what follows it, null in a message without the body. */
function startMac(hash: Hash, key: Uint8Array, message: Message) {
  const mac = createHmac(hash, key);
  const at = message.indexOf(BODY);
  const texts = message.filter((part) => part !== BODY);
  for (const text of at < 0 ? texts : texts.slice(0, at)) mac.update(text);
  return { mac, after: at < 0 ? null : texts.slice(at) };
}

/** In constant time; only the length, which everybody knows, is told by it. */
function isSame(mac: Uint8Array, claimed: Uint8Array): boolean {
  return mac.length === claimed.length && timingSafeEqual(mac, claimed);
}

function stripPrefix(value: string, prefix: string): Claim | null {
  return value.startsWith(prefix) ? { signatures: [value.slice(prefix.length)] } : null;
}

function textKey(secret: string): Uint8Array<ArrayBuffer>[] {
  return [utf8Bytes(secret)];
}
