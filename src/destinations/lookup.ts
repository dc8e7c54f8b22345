import type { Settings } from "../context.ts";
import { refused } from "../errors.ts";
import { parseAddress } from "../ip-address.ts";
import { log } from "../log.ts";
import {
  DOH_TIMEOUT_MS,
  LOOKUP_CACHE_MS,
  MAX_CACHED_LOOKUPS,
  MAX_DOH_ANSWER_BYTES,
  UNANSWERED_CACHE_MS,
} from "./constants.ts";
import { egressProblem, type SavedTarget, type Target } from "./egress.ts";
import { isLoopback, specialPurpose } from "./ip.ts";
import { readCapped } from "./read-body.ts";

type LookupSettings = Pick<Settings, "dohUrl" | "allowLoopback">;

/** Record types of addresses; an answer's other records, as CNAME, only lead there. */
const ADDRESS_TYPES = { A: 1, AAAA: 28 } as const;

// What a name led to, per isolate: finished lookups only, as one request cannot wait for another one's.
const cache = new Map<string, { problem: string | null; until: number }>();

/**
 * Looks up what a URL's name leads to: null when it may be called, else why not. Advisory: the call asks DNS again, and
 * a lookup that fails or finds nothing allows it. The platform's routing to public hosts is what holds.
 */
export async function lookupProblem(url: string, settings: LookupSettings): Promise<string | null> {
  const { hostname } = new URL(url);
  if (!isUsable(settings) || parseAddress(hostname) || hostname === "localhost") return null;
  const key = `${settings.dohUrl} ${hostname}`;
  const known = cache.get(key);
  if (known && known.until > Date.now()) return known.problem;
  const addresses = await lookUp(hostname, settings.dohUrl);
  const problem = problemOf(hostname, addresses ?? []);
  if (cache.size >= MAX_CACHED_LOOKUPS) cache.clear();
  const keptMs = addresses === null ? UNANSWERED_CACHE_MS : LOOKUP_CACHE_MS;
  cache.set(key, { problem, until: Date.now() + keptMs });
  return problem;
}

/** 422 for the target's field when its name leads to an address that is not public. */
export async function assertPublicName(
  target: SavedTarget,
  settings: LookupSettings,
): Promise<void> {
  const problem = await lookupProblem(target.url, settings);
  if (problem !== null) throw refused(target.field, problem);
}

/** Every check before a call. */
export async function mayNotBeCalled(target: Target, settings: Settings): Promise<boolean> {
  if (egressProblem(target, settings) !== null) return true;
  return (await lookupProblem(target.url, settings)) !== null;
}

/** A resolver is asked by https; on this machine also by http, for tests. */
function isUsable({ dohUrl, allowLoopback }: LookupSettings): boolean {
  const url = URL.parse(dohUrl);
  if (!url) return false;
  if (url.protocol === "https:") return true;
  const address = parseAddress(url.hostname);
  return allowLoopback && url.protocol === "http:" && address !== null && isLoopback(address);
}

function problemOf(hostname: string, addresses: string[]): string | null {
  for (const text of addresses) {
    const address = readAddress(text);
    const purpose = address && specialPurpose(address);
    if (purpose) {
      return `${hostname} leads to ${text}, which is not on the internet (${purpose}); use a public host`;
    }
  }
  return null;
}

/** The URL parser makes one writing of the many that an IPv6 address has. */
function readAddress(text: string): number[] | null {
  const url = URL.parse(text.includes(":") ? `http://[${text}]/` : `http://${text}/`);
  return url && parseAddress(url.hostname);
}

/** Every address of a name; null when the resolver did not answer. */
async function lookUp(hostname: string, dohUrl: string): Promise<string[] | null> {
  const signal = AbortSignal.timeout(DOH_TIMEOUT_MS);
  const types = Object.keys(ADDRESS_TYPES) as (keyof typeof ADDRESS_TYPES)[];
  const answers = await Promise.all(types.map((type) => ask(hostname, type, dohUrl, signal)));
  const found = answers.filter((answer) => answer !== null);
  return found.length === 0 ? null : found.flat();
}

/** https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/ */
async function ask(
  hostname: string,
  type: keyof typeof ADDRESS_TYPES,
  dohUrl: string,
  signal: AbortSignal,
): Promise<string[] | null> {
  const url = new URL(dohUrl);
  url.searchParams.set("name", hostname);
  url.searchParams.set("type", type);
  try {
    const headers = { accept: "application/dns-json" };
    const answer = await fetch(url, { headers, signal, redirect: "manual" });
    if (!answer.ok || !answer.body) return null;
    const { bytes } = await readCapped(answer.body, MAX_DOH_ANSWER_BYTES);
    return addressesIn(JSON.parse(new TextDecoder().decode(bytes)), ADDRESS_TYPES[type]);
  } catch (error) {
    log.debug("name_not_looked_up", { hostname, type, error });
    return null;
  }
}

function addressesIn(message: unknown, type: number): string[] {
  const { Answer: records } = (message ?? {}) as { Answer?: unknown };
  if (!Array.isArray(records)) return [];
  return (records as ({ type?: unknown; data?: unknown } | null)[]).flatMap((record) =>
    record?.type === type && typeof record.data === "string" ? record.data : [],
  );
}
